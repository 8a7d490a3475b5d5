using System.Runtime.InteropServices;

namespace Kaleidofs.Drivers.Archive.Zstd;

/// <summary>The part of libzstd (zstd.h, 1.4 and later) that decodes streams and makes frames.</summary>
internal static partial class ZstdLibrary
{
    /// <summary>A parameter: the largest window that is taken, as a power of two (ZSTD_d_windowLogMax).</summary>
    public const int MaxWindowLog = 100;

    /// <summary>An error: the window is larger than that (ZSTD_error_frameParameter_windowTooLarge).</summary>
    public const int WindowTooLarge = 16;

    /// <summary>An error: no memory for the window (ZSTD_error_memory_allocation).</summary>
    public const int NoMemory = 64;

    /// <summary>A parameter: a checksum of the content ends a frame (ZSTD_c_checksumFlag).</summary>
    public const int Checksum = 201;

    private const string Library = "libzstd.so.1";

    [LibraryImport(Library, EntryPoint = "ZSTD_createDCtx")]
    public static partial nint Create();

    [LibraryImport(Library, EntryPoint = "ZSTD_freeDCtx")]
    public static partial nuint Free(nint context);

    [LibraryImport(Library, EntryPoint = "ZSTD_DCtx_setParameter")]
    public static partial nuint SetParameter(ZstdContext context, int parameter, int value);

    /// <summary>Forgets the frame that it is in (reset: ZSTD_reset_session_only).</summary>
    [LibraryImport(Library, EntryPoint = "ZSTD_DCtx_reset")]
    public static partial nuint Reset(ZstdContext context, int reset);

    /// <summary>0 at the end of a frame.</summary>
    [LibraryImport(Library, EntryPoint = "ZSTD_decompressStream")]
    public static partial nuint Decompress(ZstdContext context, ref ZstdBuffer output, ref ZstdBuffer input);

    [LibraryImport(Library, EntryPoint = "ZSTD_createCCtx")]
    public static partial nint CreateCompressor();

    [LibraryImport(Library, EntryPoint = "ZSTD_freeCCtx")]
    public static partial nuint FreeCompressor(nint context);

    [LibraryImport(Library, EntryPoint = "ZSTD_CCtx_setParameter")]
    public static partial nuint SetParameter(ZstdCompressor context, int parameter, int value);

    /// <summary>The most bytes that so many take, compressed.</summary>
    [LibraryImport(Library, EntryPoint = "ZSTD_compressBound")]
    public static partial nuint GetBound(nuint length);

    /// <summary>The length of the frame that it made.</summary>
    [LibraryImport(Library, EntryPoint = "ZSTD_compress2")]
    public static partial nuint Compress(ZstdCompressor context, Span<byte> output, nuint capacity, ReadOnlySpan<byte> input, nuint length);

    [LibraryImport(Library, EntryPoint = "ZSTD_isError")]
    public static partial uint IsError(nuint result);

    [LibraryImport(Library, EntryPoint = "ZSTD_getErrorCode")]
    public static partial int GetErrorCode(nuint result);
}
