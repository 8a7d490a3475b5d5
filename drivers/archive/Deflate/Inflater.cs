using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Kaleidofs.Drivers.Archive.Deflate;

/// <summary>
/// zlib's inflater for raw deflate data with its buffers, about 140 KB; rented, because making one costs more than
/// decoding a small file. Used by one thread at a time.
/// </summary>
/// <remarks>For streams that are decoded from their beginning, without seek points, it is .NET's own where that can be had, which is faster.</remarks>
internal sealed class Inflater : IDisposable
{
    private const int InputLength = 32 << 10;
    private const int OutputLength = 64 << 10;

    /// <summary>More than decode at one time: one that is made anew brings the garbage collector closer to a whole collection.</summary>
    private const int MaxIdle = 32;

    private static readonly ConcurrentQueue<Inflater> Idle = new();
    private static readonly ConcurrentQueue<Inflater> IdleWhole = new();

    private readonly ConcurrentQueue<Inflater> _idle;
    // On the pinned heap: zlib keeps pointers to all. One of the two streams is used.
    private readonly RuntimeZStream[]? _runtime;
    private readonly ZStream[] _stream;
    private readonly byte[] _input = GC.AllocateUninitializedArray<byte>(InputLength, pinned: true);
    private readonly byte[] _output = GC.AllocateUninitializedArray<byte>(OutputLength, pinned: true);
    private bool _isReady;

    private Inflater(bool isWhole)
    {
        _idle = isWhole ? IdleWhole : Idle;
        _runtime = isWhole && RuntimeZLib.IsAvailable ? GC.AllocateArray<RuntimeZStream>(1, pinned: true) : null;
        _stream = _runtime is null ? GC.AllocateArray<ZStream>(1, pinned: true) : [];
        int result = _runtime is not null
            ? RuntimeZLib.InflateInit(ref _runtime[0], ZLib.RawWindowBits)
            : ZLib.InflateInit(ref _stream[0], ZLib.RawWindowBits, ZLib.Version, Unsafe.SizeOf<ZStream>());
        _isReady = result == ZLib.Ok;
        if (!_isReady)
        {
            throw new InvalidOperationException($"zlib could not start ({result})");
        }
    }

    ~Inflater() => End();

    /// <summary>Where input goes; then <see cref="SetInput"/>.</summary>
    public byte[] Input => _input;

    /// <summary>Where the last <see cref="Run"/> put its output.</summary>
    public byte[] Output => _output;

    /// <summary>Bytes of input that have not been taken.</summary>
    public int AvailableInput => (int)(_runtime is not null ? _runtime[0].AvailableIn : _stream[0].AvailableIn);

    /// <summary>Position in <see cref="Input"/> of the first of them.</summary>
    public int InputPosition => (int)((_runtime is not null ? _runtime[0].NextIn : _stream[0].NextIn) - Marshal.UnsafeAddrOfPinnedArrayElement(_input, 0));

    /// <summary>Bits of the last byte taken that belong to what follows.</summary>
    public int UnusedBits => _stream[0].DataType & 7;

    /// <summary>Whether the last <see cref="Run"/> stopped between two blocks of the stream.</summary>
    public bool IsBetweenBlocks => (_stream[0].DataType & (ZLib.AtBlockEnd | ZLib.InLastBlock)) == ZLib.AtBlockEnd;

    /// <param name="isWhole">Whether all of it is decoded from its beginning: <see cref="Restore"/> and what tells of blocks are not called.</param>
    public static Inflater Rent(bool isWhole)
    {
        if ((isWhole ? IdleWhole : Idle).TryDequeue(out Inflater? inflater))
        {
            inflater.Reset();
            return inflater;
        }
        return new Inflater(isWhole);
    }

    /// <summary>Gives it back for the next one who rents.</summary>
    public void Dispose()
    {
        if (_idle.Count < MaxIdle)
        {
            _idle.Enqueue(this);
            return;
        }
        End();
        GC.SuppressFinalize(this);
    }

    /// <summary>Begins a new stream, without input.</summary>
    public void Reset()
    {
        _ = _runtime is not null ? RuntimeZLib.InflateReset(ref _runtime[0], ZLib.RawWindowBits) : ZLib.InflateReset(ref _stream[0]);
        SetInput(0, 0);
    }

    /// <summary>Begins in the middle of a stream.</summary>
    /// <param name="bits">How many bits of <paramref name="before"/> still count.</param>
    /// <param name="before">The byte before the next input.</param>
    /// <param name="window">What came out before.</param>
    public void Restore(int bits, byte before, ReadOnlySpan<byte> window)
    {
        Reset();
        if (bits > 0)
        {
            _ = ZLib.InflatePrime(ref _stream[0], bits, before >> (8 - bits));
        }
        if (!window.IsEmpty)
        {
            _ = ZLib.InflateSetDictionary(ref _stream[0], window, (uint)window.Length);
        }
    }

    /// <summary>Tells which part of <see cref="Input"/> comes next.</summary>
    public void SetInput(int start, int length)
    {
        nint next = Marshal.UnsafeAddrOfPinnedArrayElement(_input, start);
        if (_runtime is not null)
        {
            (_runtime[0].NextIn, _runtime[0].AvailableIn) = (next, (uint)length);
            return;
        }
        (_stream[0].NextIn, _stream[0].AvailableIn) = (next, (uint)length);
    }

    /// <summary>Decodes into <see cref="Output"/>; returns zlib's result and how many bytes came out.</summary>
    public int Run(int maxOutput, bool stopBetweenBlocks, out int produced)
    {
        int room = Math.Min(maxOutput, OutputLength);
        if (_runtime is not null)
        {
            return RunWhole(room, out produced);
        }
        _stream[0].NextOut = Marshal.UnsafeAddrOfPinnedArrayElement(_output, 0);
        _stream[0].AvailableOut = (uint)room;
        int result = ZLib.Inflate(ref _stream[0], stopBetweenBlocks ? ZLib.Block : ZLib.NoFlush);
        produced = room - (int)_stream[0].AvailableOut;
        return result;
    }

    /// <summary>The last 32 KiB that came out, or less if there were less.</summary>
    public ReadOnlySpan<byte> GetWindow(Span<byte> buffer)
    {
        uint length = 0;
        _ = ZLib.InflateGetDictionary(ref _stream[0], buffer, ref length);
        return buffer[..(int)length];
    }

    private int RunWhole(int room, out int produced)
    {
        ref RuntimeZStream stream = ref _runtime![0];
        (stream.NextOut, stream.AvailableOut) = (Marshal.UnsafeAddrOfPinnedArrayElement(_output, 0), (uint)room);
        int result = RuntimeZLib.Inflate(ref stream, ZLib.NoFlush);
        produced = room - (int)stream.AvailableOut;
        return result;
    }

    private void End()
    {
        if (_isReady)
        {
            _isReady = false;
            _ = _runtime is not null ? RuntimeZLib.InflateEnd(ref _runtime[0]) : ZLib.InflateEnd(ref _stream[0]);
        }
    }
}
