using Kaleidofs.Drivers.Smb.Client.Wire;
using Kaleidofs.Paths;

namespace Kaleidofs.Drivers.Smb;

/// <summary>A server's facts as a filesystem has them.</summary>
internal static class SmbFacts
{
    public const uint DirectoryMode = FileType.Directory | 0x1ED;
    public const uint FileMode = FileType.Regular | 0x1A4;
    public const uint WritePermissions = 0x92;

    // From 1601 to 1970, in 100 ns.
    private const long EpochDifference = 116_444_736_000_000_000;

    public static PathFacts From(in FileFacts facts)
    {
        bool isLink = ReparsePoint.IsLink(facts.ReparseTag);
        uint mode = isLink ? FileType.SymbolicLink | 0x1FF : facts.IsDirectory ? DirectoryMode : FileMode;
        if (!isLink && !facts.IsDirectory && (facts.Attributes & SmbFileAttributes.ReadOnly) != 0)
        {
            mode &= ~WritePermissions;
        }
        Attributes attributes = new()
        {
            Size = facts.IsDirectory && !isLink ? 0 : facts.Size,
            Blocks = facts.AllocationSize / 512,
            AccessTime = ToTimestamp(facts.LastAccessTime),
            ModificationTime = ToTimestamp(facts.LastWriteTime),
            ChangeTime = ToTimestamp(facts.ChangeTime),
            BirthTime = ToTimestamp(facts.CreationTime),
            Mode = mode,
            LinkCount = facts.IsDirectory ? 2u : 1,
        };
        return new PathFacts(attributes, new SmbState(facts.ReparseTag, facts.Attributes, facts.FileNumber));
    }

    public static Timestamp ToTimestamp(ulong time)
    {
        long since = (long)Math.Min(time, long.MaxValue) - EpochDifference;
        long seconds = Math.DivRem(since, 10_000_000, out long rest);
        return rest < 0 ? new Timestamp(seconds - 1, (uint)(rest + 10_000_000) * 100) : new Timestamp(seconds, (uint)rest * 100);
    }

    /// <summary>A time for the server; clamped to what it can have.</summary>
    public static ulong FromTimestamp(Timestamp time)
    {
        const long MaxSeconds = (long.MaxValue - EpochDifference) / 10_000_000 - 1;
        long seconds = Math.Clamp(time.Seconds, -EpochDifference / 10_000_000 + 1, MaxSeconds);
        return (ulong)((seconds * 10_000_000) + (time.Nanoseconds / 100) + EpochDifference);
    }
}
