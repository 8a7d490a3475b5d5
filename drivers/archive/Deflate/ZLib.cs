using System.Runtime.InteropServices;

namespace Kaleidofs.Drivers.Archive.Deflate;

/// <summary>
/// The part of zlib (zlib.h, 1.2.7.1 and later) that .NET's own inflater does not offer: stopping at the boundary of
/// a deflate block, and starting in the middle of a stream with a window and a bit offset.
/// </summary>
internal static partial class ZLib
{
    public const int Ok = 0;
    public const int StreamEnd = 1;
    public const int BufferError = -5;

    /// <summary>flush: as much as possible (Z_NO_FLUSH).</summary>
    public const int NoFlush = 0;
    /// <summary>flush: stop after a deflate block (Z_BLOCK).</summary>
    public const int Block = 5;

    /// <summary>In data_type: stopped right after a block.</summary>
    public const int AtBlockEnd = 128;
    /// <summary>In data_type: that block was the last.</summary>
    public const int InLastBlock = 64;

    /// <summary>The longest distance back that deflate has.</summary>
    public const int WindowLength = 32768;

    /// <summary>windowBits for a raw deflate stream, without zlib's or gzip's header.</summary>
    public const int RawWindowBits = -15;

    private const string Library = "libz.so.1";

    /// <summary>Any 1.x: zlib compares the first character only.</summary>
    public static ReadOnlySpan<byte> Version => "1.2.11\0"u8;

    [LibraryImport(Library, EntryPoint = "inflateInit2_")]
    public static partial int InflateInit(ref ZStream stream, int windowBits, ReadOnlySpan<byte> version, int streamSize);

    [LibraryImport(Library, EntryPoint = "inflate")]
    public static partial int Inflate(ref ZStream stream, int flush);

    [LibraryImport(Library, EntryPoint = "inflateReset")]
    public static partial int InflateReset(ref ZStream stream);

    [LibraryImport(Library, EntryPoint = "inflatePrime")]
    public static partial int InflatePrime(ref ZStream stream, int bits, int value);

    [LibraryImport(Library, EntryPoint = "inflateSetDictionary")]
    public static partial int InflateSetDictionary(ref ZStream stream, ReadOnlySpan<byte> dictionary, uint length);

    [LibraryImport(Library, EntryPoint = "inflateGetDictionary")]
    public static partial int InflateGetDictionary(ref ZStream stream, Span<byte> dictionary, ref uint length);

    [LibraryImport(Library, EntryPoint = "inflateEnd")]
    public static partial int InflateEnd(ref ZStream stream);

    [LibraryImport(Library, EntryPoint = "crc32")]
    public static partial nuint Crc32(nuint crc, ReadOnlySpan<byte> bytes, uint length);

    [LibraryImport(Library, EntryPoint = "uncompress")]
    public static partial int Uncompress(Span<byte> destination, ref nuint destinationLength, ReadOnlySpan<byte> source, nuint sourceLength);
}
