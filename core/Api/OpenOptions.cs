namespace Kaleidofs;

/// <summary>FOPEN_* of linux/fuse.h.</summary>
[Flags]
public enum OpenOptions : uint
{
    /// <summary>The page cache is dropped at open.</summary>
    None = 0,
    /// <summary>Every read reaches the driver; sizes need not be known (FOPEN_DIRECT_IO).</summary>
    DirectIO = 1,
    /// <summary>What the page cache has of earlier opens is still right (FOPEN_KEEP_CACHE).</summary>
    KeepCache = 2,
    /// <summary>No seeking (FOPEN_NONSEEKABLE).</summary>
    NonSeekable = 4,
    /// <summary>Listings may be cached by the kernel (FOPEN_CACHE_DIR).</summary>
    CacheDirectory = 8,
    /// <summary>No FLUSH at close (FOPEN_NOFLUSH).</summary>
    NoFlush = 32,
}
