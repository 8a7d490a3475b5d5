using System.Runtime.InteropServices;

namespace Kaleidofs.Drivers.Archive.Lz4;

/// <summary>The part of liblz4 (lz4frame.h, 1.8 and later) that decodes frames.</summary>
internal static partial class Lz4Library
{
    /// <summary>LZ4F_VERSION.</summary>
    public const uint Version = 100;

    private const string Library = "liblz4.so.1";

    [LibraryImport(Library, EntryPoint = "LZ4F_createDecompressionContext")]
    public static partial nuint Create(out nint context, uint version);

    [LibraryImport(Library, EntryPoint = "LZ4F_freeDecompressionContext")]
    public static partial nuint Free(nint context);

    /// <summary>0 at the end of a frame. The lengths are of the spans, and then of what was used of them.</summary>
    [LibraryImport(Library, EntryPoint = "LZ4F_decompress")]
    public static partial nuint Decompress(Lz4Context context, Span<byte> output, ref nuint outputLength, ReadOnlySpan<byte> input, ref nuint inputLength, nint options);

    [LibraryImport(Library, EntryPoint = "LZ4F_isError")]
    public static partial uint IsError(nuint result);
}
