using Kaleidofs.Drivers.Archive.Decoding;
using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive.Composing;

/// <summary>
/// Opens the archives within archives: each becomes a directory of the same tree, in place of the file. Level by level, so that each
/// archive's entries have one range of numbers. One that is damaged, or more than the limits allow, stays a file.
/// </summary>
internal sealed class NestedArchives(OpeningContext context, TreeBuilder builder, List<ArchiveVolume> volumes)
{
    /// <summary>Archives in archives in archives.</summary>
    public const int MaxDepth = 8;

    /// <summary>Archives within the source, all levels together.</summary>
    public const int MaxCount = 4096;

    /// <summary>Bytes in all of them: what opening decodes at most, but for archives that are compressed as a whole.</summary>
    private const long MaxLength = 64L << 30;

    /// <summary>Memory for all their seek points. Each gets a share of what is left, as its length needs it.</summary>
    private const long SeekPointBudget = 128L << 20;
    private const long LeastSeekPoints = 128 << 10;

    private const int MaxLines = 50;

    // What was encrypted is not kept on disk, nor what was in it.
    private readonly OpeningContext _context = context.Options.Password is null ? context
        : context with { Options = context.Options with { Transcode = TranscodeMode.Off } };

    private long _seekPointsLeft = SeekPointBudget;
    private long _lengthLeft = MaxLength;
    private int _count;
    private int _lines;

    /// <summary>Where decoders of outer archives wait for their next use.</summary>
    public CursorPool Cursors { get; } = new();

    /// <summary>Opens them, those within them, and so on.</summary>
    public void OpenAll()
    {
        int begin = 0;
        for (int depth = 1; begin < volumes.Count; depth++)
        {
            int end = volumes.Count;
            int lastEntry = builder.Count;
            for (int i = begin; i < end; i++)
            {
                OpenWithin(volumes[i], i + 1 < end ? volumes[i + 1].First : lastEntry, depth);
            }
            begin = end;
        }
    }

    private void OpenWithin(ArchiveVolume volume, int end, int depth)
    {
        for (int entry = volume.First; entry < end; entry++)
        {
            if ((builder.Tree.GetMode(entry) & FileType.Mask) != FileType.Regular || builder.Tree.GetParent(entry) < 0
                || !ArchiveNames.Matches(builder.Tree.GetName(entry)))
            {
                continue;
            }
            string? reason = depth > MaxDepth ? $"it is more than {MaxDepth} archives deep"
                : _count >= MaxCount ? $"there are more than {MaxCount} archives within the archive"
                : builder.Tree.GetSize(entry) > _lengthLeft ? $"the archives within the archive have more than {MaxLength >> 30} GiB"
                : Open(volume, entry);
            if (reason is not null)
            {
                Tell(entry, reason);
            }
        }
    }

    /// <summary>Opens one; tells why not.</summary>
    private string? Open(ArchiveVolume outer, int file)
    {
        builder.Tree.GetAttributes(file, out Attributes attributes);
        byte[] prefix = GetPath(file);
        _lengthLeft -= (long)attributes.Size;
        _count++;
        MemberDetails details = new(DamageLog.ToText(prefix), attributes.ModificationTime, Cursors, TakeSeekPoints((long)attributes.Size));
        ByteSource? source = outer.OpenMember(file, details);
        if (source is null)
        {
            return "it cannot be read";
        }
        int directory = -1;
        try
        {
            (ArchiveKind kind, Codec? codec) = ArchiveFormats.Recognize(source);
            if (kind is ArchiveKind.None or ArchiveKind.Single)
            {
                source.Dispose();
                return "it is no archive of a kind that is known, or damaged";
            }
            if (builder.Add(prefix, GetDirectory(attributes), out directory) is var refusal and not PathRefusal.None)
            {
                source.Dispose();
                return $"its place is refused ({refusal})";
            }
            EntryBuilder entries = new(builder, new PathMapping(prefix, [], 0), ArchiveComposer.Describe(volumes, builder.Count, details.Path), end: null);
            long budget = codec is null ? 0 : TakeSeekPoints(32 * (long)attributes.Size);
            volumes.Add(ArchiveFormats.Open(source, kind, codec, () => entries, _context, budget));
            return null;
        }
        catch (SourceException exception)
        {
            source.Dispose();
            if (directory > 0)
            {
                builder.Withdraw(directory, file);
            }
            return exception.Message;
        }
    }

    /// <summary>Who may read the archive may enter the directory.</summary>
    private static TreeNode GetDirectory(in Attributes file)
    {
        const uint Read = 0x124;
        const uint OwnerWrite = 0x80;
        uint read = file.Mode & Read;
        return new TreeNode
        {
            Mode = FileType.Directory | read | (read >> 2) | (file.Mode & OwnerWrite),
            UserId = file.UserId,
            GroupId = file.GroupId,
            ModificationTime = file.ModificationTime,
        };
    }

    private byte[] GetPath(int entry)
    {
        List<byte[]> names = [];
        for (int node = entry; node > 0; node = builder.Tree.GetParent(node))
        {
            names.Add(builder.Tree.GetName(node).ToArray());
        }
        names.Reverse();
        return [.. names.SelectMany((name, i) => i == 0 ? name : [(byte)'/', .. name])];
    }

    private long TakeSeekPoints(long length)
    {
        // A point is at most some 33 KB, and a MiB of output from the next.
        long taken = Math.Max(LeastSeekPoints, Math.Min(_seekPointsLeft / 8, length / 16));
        _seekPointsLeft = Math.Max(0, _seekPointsLeft - taken);
        return taken;
    }

    private void Tell(int entry, string reason)
    {
        if (_lines++ < MaxLines)
        {
            context.Log.Warning($"{DamageLog.ToText(GetPath(entry))}: shown as the file that it is: {reason}");
        }
        else if (_lines == MaxLines + 1)
        {
            context.Log.Warning("further archives that are shown as files are not told");
        }
    }
}
