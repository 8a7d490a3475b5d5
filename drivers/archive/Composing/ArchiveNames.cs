using System.Text;

namespace Kaleidofs.Drivers.Archive.Composing;

/// <summary>The endings of archives' names: only files that have one are looked into.</summary>
internal static class ArchiveNames
{
    private static readonly byte[][] Endings =
    [
        .. new[]
        {
            ".zip", ".jar", ".war", ".ear", ".apk", ".whl", ".nupkg", ".xpi", ".epub",
            ".tar", ".tgz", ".tbz", ".tbz2", ".txz", ".tlz", ".tzst", ".tar.gz", ".tar.bz2", ".tar.xz", ".tar.zst", ".tar.lz", ".tar.lz4", ".tar.lzma", ".tar.z",
            ".crate", ".gem", ".deb", ".udeb", ".ipk", ".ar", ".rpm", ".7z", ".cpio", ".cpio.gz", ".cpio.xz", ".cpio.zst", ".iso", ".cab", ".rar", ".xar",
        }.Select(Encoding.ASCII.GetBytes),
    ];

    /// <summary>Whether a name ends so, in letters of either case.</summary>
    public static bool Matches(ReadOnlySpan<byte> name)
    {
        foreach (byte[] ending in Endings)
        {
            if (name.Length > ending.Length && Ascii.EqualsIgnoreCase(name[^ending.Length..], ending))
            {
                return true;
            }
        }
        return false;
    }
}
