using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Kaleidofs.Drivers.Archive.Decoding;

namespace Kaleidofs.Drivers.Archive.Xz;

/// <summary>A decoder of liblzma, of whatever it is started for. Used by one thread at a time.</summary>
internal sealed class LzmaDecoder : IDisposable
{
    /// <summary>A dictionary of 128 MiB and what decoding takes beside it. xz -9 has 64 MiB.</summary>
    public const ulong MaxMemory = 136 << 20;

    private const int FilterLength = 16;

    // Of lzma_options_lzma (lzma12.h, 64 bits): ext_flags, and the two halves of ext_size.
    private const int ExtendedFlags = 48;
    private const int ExtendedLength = 52;

    /// <summary>LZMA_LZMA1EXT_ALLOW_EOPM: a marker may stand at the end, though the length is known.</summary>
    private const int AllowsMarker = 1;

    // On the pinned heap: liblzma keeps pointers to the block, and the block has one to the filters (lzma_filter: id and options).
    private readonly LzmaStream[] _stream = GC.AllocateArray<LzmaStream>(1, pinned: true);
    private readonly LzmaBlock[] _block = GC.AllocateArray<LzmaBlock>(1, pinned: true);
    private readonly byte[] _filters = GC.AllocateArray<byte>((RawFilter.MaxCount + 1) * FilterLength, pinned: true);

    ~LzmaDecoder() => LzmaLibrary.End(ref _stream[0]);

    /// <summary>The size of the block that was decoded, with header and check, without padding.</summary>
    public long BlockLength => (long)(_block[0].HeaderLength + _block[0].CompressedLength + LzmaLibrary.GetCheckLength(_block[0].Check));

    /// <summary>Begins a .lzma.</summary>
    public StreamFailure StartAlone() => ToFailure(LzmaLibrary.StartAlone(ref _stream[0], MaxMemory));

    /// <summary>Begins a member of lzip.</summary>
    public StreamFailure StartLzip() => ToFailure(LzmaLibrary.StartLzip(ref _stream[0], MaxMemory, flags: 0));

    /// <summary>Begins a block of xz.</summary>
    /// <param name="header">Its header.</param>
    /// <param name="check">The type of its check, which the stream's header told.</param>
    public StreamFailure StartBlock(ReadOnlySpan<byte> header, int check)
    {
        nint filters = Marshal.UnsafeAddrOfPinnedArrayElement(_filters, 0);
        _block[0] = new LzmaBlock { Version = 1, HeaderLength = (uint)header.Length, Check = check, Filters = filters };
        int result = LzmaLibrary.ReadBlockHeader(ref _block[0], 0, header);
        if (result != LzmaLibrary.Ok)
        {
            return ToFailure(result);
        }
        ulong memory = LzmaLibrary.GetMemoryUsage(filters);
        result = memory <= MaxMemory ? LzmaLibrary.StartBlock(ref _stream[0], ref _block[0])
            : memory == ulong.MaxValue ? LzmaLibrary.BufferError
            : LzmaLibrary.MemoryLimit;
        LzmaLibrary.FreeFilters(filters, 0);
        return ToFailure(result);
    }

    /// <summary>Begins what a chain of filters decodes, without a header.</summary>
    /// <param name="filters">The chain: what makes the content comes first.</param>
    /// <param name="length">How many bytes come out.</param>
    public StreamFailure StartRaw(ReadOnlySpan<RawFilter> filters, long length)
    {
        nint chain = Marshal.UnsafeAddrOfPinnedArrayElement(_filters, 0);
        int result = LzmaLibrary.Ok;
        Array.Clear(_filters);
        BinaryPrimitives.WriteUInt64LittleEndian(_filters.AsSpan(filters.Length * FilterLength), LzmaLibrary.NoFilter);
        for (int i = 0; i < filters.Length && result == LzmaLibrary.Ok; i++)
        {
            nint filter = chain + (i * FilterLength);
            BinaryPrimitives.WriteUInt64LittleEndian(_filters.AsSpan(i * FilterLength), filters[i].Id);
            result = LzmaLibrary.ReadProperties(filter, 0, filters[i].Properties, (nuint)filters[i].Properties.Length);
            if (result == LzmaLibrary.Ok && filters[i].Id == RawFilter.Lzma1)
            {
                nint options = Marshal.ReadIntPtr(filter, sizeof(ulong));
                Marshal.WriteInt32(options, ExtendedFlags, AllowsMarker);
                Marshal.WriteInt64(options, ExtendedLength, length);
            }
        }
        if (result == LzmaLibrary.Ok)
        {
            ulong memory = LzmaLibrary.GetMemoryUsage(chain);
            result = memory <= MaxMemory ? LzmaLibrary.StartRaw(ref _stream[0], chain)
                : memory == ulong.MaxValue ? LzmaLibrary.BufferError
                : LzmaLibrary.MemoryLimit;
        }
        LzmaLibrary.FreeFilters(chain, 0);
        return ToFailure(result);
    }

    /// <summary>Decodes; returns liblzma's result and how many bytes came out.</summary>
    public int Run(DecoderInput input, byte[] output, int room, out int produced)
    {
        ref LzmaStream stream = ref _stream[0];
        int available = input.Count;
        stream.NextIn = input.Pointer;
        stream.AvailableIn = (nuint)available;
        stream.NextOut = Marshal.UnsafeAddrOfPinnedArrayElement(output, 0);
        stream.AvailableOut = (nuint)room;
        int result = LzmaLibrary.Code(ref stream, LzmaLibrary.Run);
        input.Take(available - (int)stream.AvailableIn);
        produced = room - (int)stream.AvailableOut;
        return result;
    }

    /// <summary>What a result of liblzma means.</summary>
    public static StreamFailure ToFailure(int result) => result switch
    {
        LzmaLibrary.Ok => StreamFailure.None,
        LzmaLibrary.NoMemory or LzmaLibrary.MemoryLimit => StreamFailure.TooLarge,
        _ => StreamFailure.Damaged,
    };

    /// <inheritdoc/>
    public void Dispose()
    {
        LzmaLibrary.End(ref _stream[0]);
        GC.SuppressFinalize(this);
    }
}
