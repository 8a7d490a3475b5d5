using System.Runtime.InteropServices;

namespace Kaleidofs.Drivers.Archive.Xz;

/// <summary>The part of liblzma (lzma.h, 5.4 and later) that decodes: a block of xz by itself, .lzma, lzip, and chains of filters.</summary>
internal static partial class LzmaLibrary
{
    public const int Ok = 0;
    public const int StreamEnd = 1;
    public const int NoMemory = 5;
    public const int MemoryLimit = 6;
    public const int BufferError = 10;

    /// <summary>action: there is more input (LZMA_RUN).</summary>
    public const int Run = 0;

    /// <summary>Ends a chain of filters (LZMA_VLI_UNKNOWN).</summary>
    public const ulong NoFilter = ulong.MaxValue;

    private const string Library = "liblzma.so.5";

    [LibraryImport(Library, EntryPoint = "lzma_alone_decoder")]
    public static partial int StartAlone(ref LzmaStream stream, ulong memoryLimit);

    [LibraryImport(Library, EntryPoint = "lzma_lzip_decoder")]
    public static partial int StartLzip(ref LzmaStream stream, ulong memoryLimit, uint flags);

    [LibraryImport(Library, EntryPoint = "lzma_block_decoder")]
    public static partial int StartBlock(ref LzmaStream stream, ref LzmaBlock block);

    [LibraryImport(Library, EntryPoint = "lzma_raw_decoder")]
    public static partial int StartRaw(ref LzmaStream stream, nint filters);

    [LibraryImport(Library, EntryPoint = "lzma_code")]
    public static partial int Code(ref LzmaStream stream, int action);

    [LibraryImport(Library, EntryPoint = "lzma_end")]
    public static partial void End(ref LzmaStream stream);

    /// <summary>Reads a block's header, and allocates the options of its filters.</summary>
    [LibraryImport(Library, EntryPoint = "lzma_block_header_decode")]
    public static partial int ReadBlockHeader(ref LzmaBlock block, nint allocator, ReadOnlySpan<byte> header);

    /// <summary>Allocates a filter's options, as its properties say.</summary>
    [LibraryImport(Library, EntryPoint = "lzma_properties_decode")]
    public static partial int ReadProperties(nint filter, nint allocator, ReadOnlySpan<byte> properties, nuint length);

    [LibraryImport(Library, EntryPoint = "lzma_filters_free")]
    public static partial void FreeFilters(nint filters, nint allocator);

    /// <summary>The memory that a decoder with these filters takes; the highest number if there is none for them.</summary>
    [LibraryImport(Library, EntryPoint = "lzma_raw_decoder_memusage")]
    public static partial ulong GetMemoryUsage(nint filters);

    /// <summary>The length of a type of check.</summary>
    [LibraryImport(Library, EntryPoint = "lzma_check_size")]
    public static partial uint GetCheckLength(int check);
}
