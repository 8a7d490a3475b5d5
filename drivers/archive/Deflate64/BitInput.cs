using System.Buffers;
using Kaleidofs.Drivers.Archive.Decoding;

namespace Kaleidofs.Drivers.Archive.Deflate64;

/// <summary>The bits of a range, from each byte's lowest on.</summary>
internal sealed class BitInput(ByteRange range) : IDisposable
{
    private const int BufferLength = 32 << 10;

    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferLength);
    private ulong _bits;
    private int _position;
    private int _end;
    private long _next = range.Start;

    /// <summary>How many bits are at hand.</summary>
    public int Count { get; private set; }

    /// <summary>Whether the range could not be read; otherwise it has only ended.</summary>
    public bool IsUnreadable { get; private set; }

    /// <summary>The place of the next bit in the file, in bits.</summary>
    public long BitPosition => ((_next - (_end - _position)) * 8) - Count;

    /// <summary>Goes on at another place; false if that cannot be.</summary>
    public bool MoveTo(long bitPosition)
    {
        _next = bitPosition / 8;
        _position = _end = 0;
        _bits = 0;
        Count = 0;
        IsUnreadable = false;
        int skip = (int)(bitPosition % 8);
        if (!Fill(skip))
        {
            return false;
        }
        Skip(skip);
        return true;
    }

    /// <summary>Tries to have so many bits at hand, at most 32; there may be fewer before the end.</summary>
    public bool Fill(int count)
    {
        while (Count < count)
        {
            if (_position == _end && !TryFetch())
            {
                return false;
            }
            _bits |= (ulong)_buffer[_position++] << Count;
            Count += 8;
        }
        return true;
    }

    /// <summary>The next bits, zeros behind the end.</summary>
    public uint Peek(int count) => (uint)(_bits & ((1UL << count) - 1));

    /// <summary>Takes bits that are at hand.</summary>
    public void Skip(int count)
    {
        _bits >>= count;
        Count -= count;
    }

    /// <summary>Takes bits; false if there are not so many.</summary>
    public bool TryTake(int count, out int value)
    {
        value = 0;
        if (!Fill(count))
        {
            return false;
        }
        value = (int)Peek(count);
        Skip(count);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);

    private bool TryFetch()
    {
        int length = (int)Math.Min(BufferLength, range.End - _next);
        if (length <= 0)
        {
            return false;
        }
        if (!range.File.TryRead(_next, _buffer.AsSpan(0, length)))
        {
            IsUnreadable = true;
            return false;
        }
        _next += length;
        _position = 0;
        _end = length;
        return true;
    }
}
