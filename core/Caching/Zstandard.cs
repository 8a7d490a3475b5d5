using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Kaleidofs.Caching;

/// <summary>Blocks compressed by zstd at its fastest (zstd.h, 1.3 and later), where its library is there; nothing depends on it.</summary>
/// <remarks>A context is some 100 KB to 1 MB that is expensive to make: those that nobody uses wait here for the next.</remarks>
internal static partial class Zstandard
{
    private const string Library = "libzstd.so.1";
    private const int Level = 1;

    private static readonly ConcurrentBag<nint> Compressors = [];
    private static readonly ConcurrentBag<nint> Decompressors = [];

    /// <summary>Whether the library is there.</summary>
    public static bool IsAvailable { get; } = NativeLibrary.TryLoad(Library, out _);

    /// <summary>Compresses a block; returns how many bytes it then has, 0 if these are more than the destination takes.</summary>
    public static int Compress(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        nint context = Compressors.TryTake(out nint waiting) ? waiting : CreateCompressor();
        if (context == 0)
        {
            return 0;
        }
        nuint length = Compress(context, destination, (nuint)destination.Length, source, (nuint)source.Length, Level);
        Compressors.Add(context);
        return IsError(length) != 0 ? 0 : (int)length;
    }

    /// <summary>Decompresses a block; false if it is damaged, or has another length than the destination.</summary>
    public static bool TryDecompress(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        nint context = Decompressors.TryTake(out nint waiting) ? waiting : CreateDecompressor();
        if (context == 0)
        {
            return false;
        }
        nuint length = Decompress(context, destination, (nuint)destination.Length, source, (nuint)source.Length);
        Decompressors.Add(context);
        return length == (nuint)destination.Length;
    }

    [LibraryImport(Library, EntryPoint = "ZSTD_createCCtx")]
    private static partial nint CreateCompressor();

    [LibraryImport(Library, EntryPoint = "ZSTD_compressCCtx")]
    private static partial nuint Compress(nint context, Span<byte> destination, nuint capacity, ReadOnlySpan<byte> source, nuint length, int level);

    [LibraryImport(Library, EntryPoint = "ZSTD_createDCtx")]
    private static partial nint CreateDecompressor();

    [LibraryImport(Library, EntryPoint = "ZSTD_decompressDCtx")]
    private static partial nuint Decompress(nint context, Span<byte> destination, nuint capacity, ReadOnlySpan<byte> source, nuint length);

    [LibraryImport(Library, EntryPoint = "ZSTD_isError")]
    private static partial uint IsError(nuint code);
}
