using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Bench.Peers;

/// <summary>A program that mounts archives, started as its users start it, but in the foreground.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Command">Its command line for an archive, a mount point, and a folder for what it keeps.</param>
/// <param name="Opens">Whether it opens files with such an ending.</param>
internal sealed record ArchiveMounter(string Name, Func<string, string, string, string[]> Command, Predicate<string> Opens)
{
    /// <summary>This project, and what Debian has as packages. squashfuse serves the same files from an image of its own: the format made for this.</summary>
    public static IReadOnlyList<ArchiveMounter> All { get; } =
    [
        new("kaleidofs", (archive, place, kept) => [Repository.At("kaleidofs"), "mount", archive, place, "--disk-cache-dir", kept, "-o", $"index={kept}"], path => !IsImage(path)),
        new("after index", (archive, place, kept) => [Repository.At("kaleidofs"), "mount", archive, place, "--disk-cache-dir", kept, "-o", $"index={kept}"], path => path.EndsWith("member.zip", StringComparison.Ordinal))
        {
            Prepare = (archive, kept) => [Repository.At("kaleidofs"), "index", archive, "--disk-cache-dir", kept, "-o", $"index={kept}"],
        },
        new("archivemount", (archive, place, _) => ["archivemount", "-f", "-o", "readonly", archive, place], path => !IsImage(path)),
        new("fuse-zip", (archive, place, _) => ["fuse-zip", "-f", "-r", archive, place], path => path.EndsWith(".zip", StringComparison.Ordinal)),
        new("squashfuse", (archive, place, _) => ["squashfuse", "-f", archive, place], IsImage),
    ];

    /// <summary>What is run before, once; not timed.</summary>
    public Func<string, string, string[]>? Prepare { get; init; }

    /// <summary>Whether it is on this machine.</summary>
    public bool IsInstalled => Shell.Run("command -v \"$1\"", Command("", "", "")[0]).Status == 0;

    private static bool IsImage(string path) => path.EndsWith(".squashfs", StringComparison.Ordinal);
}
