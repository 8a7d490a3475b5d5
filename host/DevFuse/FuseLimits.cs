using System.Globalization;

namespace Kaleidofs.Host.DevFuse;

/// <summary>How large a request the kernel lets a mount have.</summary>
internal static class FuseLimits
{
    private const string PagesLimit = "/proc/sys/fs/fuse/max_pages_limit";
    private const int PageSize = 4096;

    /// <summary>FUSE_MAX_MAX_PAGES: what kernels before 6.13 allow, and later ones unless told otherwise.</summary>
    private const int UsualPages = 256;

    /// <summary>More helps nobody, and each request in flight has a buffer of this size.</summary>
    private const int MostPages = 16 * UsualPages;

    /// <summary>The longest READ or WRITE payload in bytes.</summary>
    public static int MaxPayload { get; } = PageSize * Math.Clamp(ReadPagesLimit(), 1, MostPages);

    private static int ReadPagesLimit()
    {
        try
        {
            return int.TryParse(File.ReadAllText(PagesLimit), NumberStyles.None | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out int pages) ? pages : UsualPages;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return UsualPages;
        }
    }
}
