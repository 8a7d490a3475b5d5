using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Kaleidofs.Drivers.Archive.Deflate;

/// <summary>
/// An inflater for raw deflate data with its buffers, about 200 KB; rented, because making one costs more than
/// decoding a small file. Used by one thread at a time.
/// </summary>
/// <remarks>From a stream's beginning it is .NET's own where that can be had, which is faster; from its middle it is zlib's.</remarks>
internal sealed class Inflater : IDisposable
{
    private const int InputLength = 32 << 10;
    private const int OutputLength = 64 << 10;

    /// <summary>More than decode at one time: one that is made anew brings the garbage collector closer to a whole collection.</summary>
    private const int MaxIdle = 32;

    private static readonly ConcurrentQueue<Inflater> Idle = new();

    // On the pinned heap: zlib keeps pointers to all.
    private readonly RuntimeZStream[] _runtime = GC.AllocateArray<RuntimeZStream>(1, pinned: true);
    private readonly ZStream[] _zlib = GC.AllocateArray<ZStream>(1, pinned: true);
    private readonly byte[] _input = GC.AllocateUninitializedArray<byte>(InputLength, pinned: true);
    private readonly byte[] _output = GC.AllocateUninitializedArray<byte>(OutputLength, pinned: true);
    private readonly RecentOutput _recent = new();
    private bool _hasRuntime;
    private bool _hasZLib;
    // Which of the two decodes.
    private bool _usesRuntime;
    private bool _tellsOfBlocks;

    ~Inflater() => End();

    /// <summary>Where input goes; then <see cref="SetInput"/>.</summary>
    public byte[] Input => _input;

    /// <summary>Where the last <see cref="Run"/> put its output.</summary>
    public byte[] Output => _output;

    /// <summary>Bytes of input that have not been taken.</summary>
    public int AvailableInput => (int)(_usesRuntime ? _runtime[0].AvailableIn : _zlib[0].AvailableIn);

    /// <summary>Position in <see cref="Input"/> of the first of them.</summary>
    public int InputPosition => (int)((_usesRuntime ? _runtime[0].NextIn : _zlib[0].NextIn) - Marshal.UnsafeAddrOfPinnedArrayElement(_input, 0));

    /// <summary>Bits of the last byte taken that belong to what follows.</summary>
    public int UnusedBits => DataType & 7;

    /// <summary>Whether the last <see cref="Run"/> stopped between two blocks of the stream.</summary>
    public bool IsBetweenBlocks => (DataType & ~7) == ZLib.AtBlockEnd;

    private int DataType => _usesRuntime ? RuntimeZLib.GetDataType(_runtime[0]) : _zlib[0].DataType;

    /// <param name="tellsOfBlocks">Whether it is asked where blocks end, and for the window there.</param>
    public static Inflater Rent(bool tellsOfBlocks)
    {
        if (!Idle.TryDequeue(out Inflater? inflater))
        {
            inflater = new Inflater();
        }
        inflater._tellsOfBlocks = tellsOfBlocks;
        inflater.Reset();
        return inflater;
    }

    /// <summary>Gives it back for the next one who rents.</summary>
    public void Dispose()
    {
        if (Idle.Count < MaxIdle)
        {
            Idle.Enqueue(this);
            return;
        }
        End();
        GC.SuppressFinalize(this);
    }

    /// <summary>Begins a new stream, without input.</summary>
    public void Reset()
    {
        _usesRuntime = _tellsOfBlocks ? RuntimeZLib.TellsOfBlocks : RuntimeZLib.IsAvailable;
        _recent.Clear();
        if (!_usesRuntime)
        {
            ResetZLib();
        }
        else if (_hasRuntime)
        {
            _ = RuntimeZLib.InflateReset(ref _runtime[0], ZLib.RawWindowBits);
        }
        else
        {
            _hasRuntime = Check(RuntimeZLib.InflateInit(ref _runtime[0], ZLib.RawWindowBits));
        }
        SetInput(0, 0);
    }

    /// <summary>Begins in the middle of a stream.</summary>
    /// <param name="bits">How many bits of <paramref name="before"/> still count.</param>
    /// <param name="before">The byte before the next input.</param>
    /// <param name="window">What came out before.</param>
    public void Restore(int bits, byte before, ReadOnlySpan<byte> window)
    {
        _usesRuntime = false;
        ResetZLib();
        SetInput(0, 0);
        if (bits > 0)
        {
            _ = ZLib.InflatePrime(ref _zlib[0], bits, before >> (8 - bits));
        }
        if (!window.IsEmpty)
        {
            _ = ZLib.InflateSetDictionary(ref _zlib[0], window, (uint)window.Length);
        }
    }

    /// <summary>Tells which part of <see cref="Input"/> comes next.</summary>
    public void SetInput(int start, int length)
    {
        nint next = Marshal.UnsafeAddrOfPinnedArrayElement(_input, start);
        if (_usesRuntime)
        {
            (_runtime[0].NextIn, _runtime[0].AvailableIn) = (next, (uint)length);
            return;
        }
        (_zlib[0].NextIn, _zlib[0].AvailableIn) = (next, (uint)length);
    }

    /// <summary>Decodes into <see cref="Output"/>; returns zlib's result and how many bytes came out.</summary>
    public int Run(int maxOutput, bool stopBetweenBlocks, out int produced)
    {
        int room = Math.Min(maxOutput, OutputLength);
        int flush = stopBetweenBlocks ? ZLib.Block : ZLib.NoFlush;
        nint output = Marshal.UnsafeAddrOfPinnedArrayElement(_output, 0);
        if (!_usesRuntime)
        {
            (_zlib[0].NextOut, _zlib[0].AvailableOut) = (output, (uint)room);
            int result = ZLib.Inflate(ref _zlib[0], flush);
            produced = room - (int)_zlib[0].AvailableOut;
            return result;
        }
        (_runtime[0].NextOut, _runtime[0].AvailableOut) = (output, (uint)room);
        int runtimeResult = RuntimeZLib.Inflate(ref _runtime[0], flush);
        produced = room - (int)_runtime[0].AvailableOut;
        if (_tellsOfBlocks)
        {
            _recent.Append(_output.AsSpan(0, produced));
        }
        return runtimeResult;
    }

    /// <summary>The last 32 KiB that came out, or less if there were less.</summary>
    public ReadOnlySpan<byte> GetWindow(Span<byte> buffer)
    {
        if (_usesRuntime)
        {
            return _recent.Get(buffer);
        }
        uint length = 0;
        _ = ZLib.InflateGetDictionary(ref _zlib[0], buffer, ref length);
        return buffer[..(int)length];
    }

    private void ResetZLib()
    {
        if (_hasZLib)
        {
            _ = ZLib.InflateReset(ref _zlib[0]);
            return;
        }
        _hasZLib = Check(ZLib.InflateInit(ref _zlib[0], ZLib.RawWindowBits, ZLib.Version, Unsafe.SizeOf<ZStream>()));
    }

    private static bool Check(int result) => result == ZLib.Ok ? true : throw new InvalidOperationException($"zlib could not start ({result})");

    private void End()
    {
        if (_hasRuntime)
        {
            _hasRuntime = false;
            _ = RuntimeZLib.InflateEnd(ref _runtime[0]);
        }
        if (_hasZLib)
        {
            _hasZLib = false;
            _ = ZLib.InflateEnd(ref _zlib[0]);
        }
    }
}
