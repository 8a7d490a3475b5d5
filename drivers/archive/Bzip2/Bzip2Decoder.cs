using System.Runtime.InteropServices;

namespace Kaleidofs.Drivers.Archive.Bzip2;

/// <summary>libbz2's decoder, some 4 MB. Used by one thread at a time.</summary>
internal sealed class Bzip2Decoder : IDisposable
{
    private readonly Bzip2Stream[] _stream = GC.AllocateArray<Bzip2Stream>(1, pinned: true);
    private readonly byte[] _header = GC.AllocateArray<byte>(Bzip2Format.HeaderLength, pinned: true);
    private bool _isStarted;

    ~Bzip2Decoder() => End();

    /// <summary>Begins a stream with blocks of so many times 100,000 bytes; its header is made here.</summary>
    public void Start(int level)
    {
        End();
        int result = Bzip2Library.Start(ref _stream[0], verbosity: 0, usesLittleMemory: 0);
        if (result != Bzip2Library.Ok)
        {
            throw new InvalidOperationException($"libbz2 could not start ({result})");
        }
        _isStarted = true;
        Bzip2Format.WriteHeader(_header, level);
        _ = Run(Marshal.UnsafeAddrOfPinnedArrayElement(_header, 0), _header.Length, _header, room: 0, out _, out _);
    }

    /// <summary>Decodes; returns libbz2's result.</summary>
    /// <param name="input">The address of bytes.</param>
    /// <param name="count">How many.</param>
    /// <param name="output">Pinned.</param>
    /// <param name="room">Bytes that may come out. With none, a block is read to its end and not a byte further.</param>
    /// <param name="taken">Bytes that were taken.</param>
    /// <param name="produced">Bytes that came out.</param>
    public int Run(nint input, int count, byte[] output, int room, out int taken, out int produced)
    {
        ref Bzip2Stream stream = ref _stream[0];
        stream.NextIn = input;
        stream.AvailableIn = (uint)count;
        stream.NextOut = Marshal.UnsafeAddrOfPinnedArrayElement(output, 0);
        stream.AvailableOut = (uint)room;
        int result = Bzip2Library.Decompress(ref stream);
        taken = count - (int)stream.AvailableIn;
        produced = room - (int)stream.AvailableOut;
        return result;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        End();
        GC.SuppressFinalize(this);
    }

    private void End()
    {
        if (_isStarted)
        {
            _isStarted = false;
            _ = Bzip2Library.End(ref _stream[0]);
        }
    }
}
