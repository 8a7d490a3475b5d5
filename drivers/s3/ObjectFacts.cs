using Kaleidofs.Drivers.S3.Client;
using Kaleidofs.Drivers.S3.Keys;
using Kaleidofs.Paths;

namespace Kaleidofs.Drivers.S3;

/// <summary>Makes attributes of what S3 tells.</summary>
internal static class ObjectFacts
{
    /// <summary>An object whose content is a symbolic link's target is named so, as rclone does; so a listing alone tells it from a file.</summary>
    public const string LinkSuffix = ".rclonelink";

    /// <summary>A longer target is none (PATH_MAX, with its NUL).</summary>
    public const int MaxTarget = 4095;

    private const uint FileMode = FileType.Regular | 0b110_100_100;
    private const uint DirectoryMode = FileType.Directory | 0b111_101_101;
    private const uint LinkMode = FileType.SymbolicLink | 0b111_111_111;

    /// <summary>The name of the link that a component may stand for.</summary>
    public static bool TryGetLinkName(string component, out string name)
    {
        bool isLink = component.Length > LinkSuffix.Length && component.EndsWith(LinkSuffix, StringComparison.Ordinal);
        name = isLink ? component[..^LinkSuffix.Length] : "";
        return isLink;
    }

    /// <summary>Whether an object of a size can be a link's.</summary>
    public static bool CanBeLink(long size) => size is > 0 and <= MaxTarget;

    public static PathFacts OfFile(in ListedObject listed, string? component)
        => new(GetAttributes(FileMode, listed.Size, listed.Version), new S3State { Component = component, Version = listed.Version });

    public static PathFacts OfFile(ObjectHead head, string? component)
    {
        Attributes attributes = GetAttributes(FileMode, head.Size, head.Version);
        ObjectMetadata.Read(head.Metadata, ref attributes);
        return new PathFacts(attributes, new S3State { Component = component, Version = head.Version, Metadata = head.Metadata });
    }

    public static PathFacts OfLink(long size, ObjectVersion version, string? component)
        => new(GetAttributes(LinkMode, size, version), new S3State { Component = component, Version = version });

    /// <param name="marker">The object that has the directory's own name, if that is known.</param>
    /// <param name="opened">What the time is of a directory of which nothing is known.</param>
    /// <param name="component">As in <see cref="S3State.Component"/>.</param>
    public static PathFacts OfDirectory(ObjectHead? marker, long opened, string? component)
    {
        Attributes attributes = GetAttributes(DirectoryMode, 0, marker?.Version ?? new ObjectVersion("", opened));
        if (marker is not null)
        {
            ObjectMetadata.Read(marker.Metadata, ref attributes);
        }
        return new PathFacts(attributes, new S3State { Component = component, Version = marker?.Version ?? default, Metadata = marker?.Metadata });
    }

    /// <remarks>A directory has one link, too: two would say that it has no directories in it, and find(1) would not look for any.</remarks>
    private static Attributes GetAttributes(uint mode, long size, ObjectVersion version) => new()
    {
        Mode = mode,
        Size = (ulong)size,
        Blocks = ((ulong)size + 511) / 512,
        LinkCount = 1,
        ModificationTime = new Timestamp(version.Modified),
        ChangeTime = new Timestamp(version.Modified),
        AccessTime = new Timestamp(version.Modified),
        BlockSize = 1 << 16,
    };
}
