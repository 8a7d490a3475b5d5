using System.Runtime.InteropServices;

namespace Kaleidofs.Drivers.Archive.Decoding;

/// <summary>The encoded bytes from a position on, a pinned buffer of them at a time.</summary>
/// <param name="range">Where they stand.</param>
/// <param name="buffer">Pinned.</param>
internal sealed class DecoderInput(ByteRange range, byte[] buffer)
{
    // Where in the file the buffer ends.
    private long _bufferEnd = range.Start;
    private int _offset;
    // How many bytes at the buffer's beginning are not the file's.
    private int _prefix;

    /// <summary>The first byte that was not taken.</summary>
    public long Position => _bufferEnd - Count;

    /// <summary>How many bytes are at hand.</summary>
    public int Count { get; private set; }

    /// <summary>Those bytes.</summary>
    public ReadOnlySpan<byte> Bytes => buffer.AsSpan(_offset, Count);

    /// <summary>The address of the first of them.</summary>
    public nint Pointer => Marshal.UnsafeAddrOfPinnedArrayElement(buffer, _offset);

    /// <summary>Bytes that neither were taken nor are at hand.</summary>
    public long Left => range.End - _bufferEnd;

    /// <summary>Whether all were taken.</summary>
    public bool IsAtEnd => Count == 0 && Left <= 0;

    /// <summary>Passes over bytes, or goes back.</summary>
    public void MoveTo(long position)
    {
        long start = _bufferEnd - Count - _offset;
        if (position >= start + _prefix && position <= _bufferEnd)
        {
            _offset = (int)(position - start);
            Count = (int)(_bufferEnd - position);
            return;
        }
        _bufferEnd = Math.Min(position, Math.Max(range.End, range.Start));
        _prefix = 0;
        _offset = 0;
        Count = 0;
    }

    /// <summary>Takes bytes that are at hand.</summary>
    public void Take(int count)
    {
        _offset += count;
        Count -= count;
    }

    /// <summary>Puts bytes before those of the file, which go on at a position.</summary>
    public void Put(ReadOnlySpan<byte> prefix, long next)
    {
        prefix.CopyTo(buffer);
        _bufferEnd = next;
        _prefix = prefix.Length;
        _offset = 0;
        Count = prefix.Length;
    }

    /// <summary>Gets so many bytes at hand, or all that there are if they are fewer; false if they cannot be read.</summary>
    public bool TryFill(int least)
    {
        if (Count >= least || Left <= 0)
        {
            return true;
        }
        Bytes.CopyTo(buffer);
        _prefix = Math.Max(0, _prefix - _offset);
        _offset = 0;
        int length = (int)Math.Min(buffer.Length - Count, Left);
        if (!range.File.TryRead(_bufferEnd, buffer.AsSpan(Count, length)))
        {
            _bufferEnd = Position;
            _prefix = 0;
            Count = 0;
            return false;
        }
        _bufferEnd += length;
        Count += length;
        return true;
    }
}
