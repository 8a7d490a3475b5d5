namespace Kaleidofs.Drivers.Archive.Xz;

/// <summary>A filter of liblzma in a chain that no header tells.</summary>
/// <param name="Id">Its number (lzma/bcj.h, delta.h, lzma12.h).</param>
/// <param name="Properties">What its decoder needs to know.</param>
internal readonly record struct RawFilter(ulong Id, byte[] Properties)
{
    /// <summary>LZMA_FILTER_LZMA1EXT: LZMA whose length is known.</summary>
    public const ulong Lzma1 = 0x4000000000000002;

    /// <summary>LZMA_FILTER_LZMA2.</summary>
    public const ulong Lzma2 = 0x21;

    /// <summary>LZMA_FILTERS_MAX.</summary>
    public const int MaxCount = 4;
}
