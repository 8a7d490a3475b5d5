namespace Kaleidofs.Protocol;

/// <summary>The segments of one direction of a request, in order. Reused from request to request.</summary>
internal sealed class SegmentList
{
    private const int FirstCapacity = 8;

    /// <summary>Enough for 1 MiB in pages; what was longer was rare, and a pool of such lists must not add up.</summary>
    private const int KeptCapacity = 512;

    private BufferSegment[] _segments = new BufferSegment[FirstCapacity];

    public int Count { get; private set; }

    /// <summary>Bytes in all; the transport refuses what would pass 2 GiB.</summary>
    public int Length { get; private set; }

    public ReadOnlySpan<BufferSegment> Segments => _segments.AsSpan(0, Count);

    public void Add(nint pointer, int length)
    {
        if (length == 0)
        {
            return;
        }
        Length = checked(Length + length);
        if (Count == _segments.Length)
        {
            Array.Resize(ref _segments, Count * 2);
        }
        _segments[Count++] = new BufferSegment(pointer, length);
    }

    public void Clear()
    {
        Count = 0;
        Length = 0;
        if (_segments.Length > KeptCapacity)
        {
            _segments = new BufferSegment[FirstCapacity];
        }
    }

    /// <summary>Copies bytes from <paramref name="offset"/> on; returns how many there were.</summary>
    public int CopyTo(int offset, Span<byte> destination)
    {
        int copied = 0;
        foreach (BufferSegment segment in Segments)
        {
            if (offset >= segment.Length)
            {
                offset -= segment.Length;
                continue;
            }
            Span<byte> rest = segment.Span[offset..];
            offset = 0;
            int count = Math.Min(rest.Length, destination.Length - copied);
            rest[..count].CopyTo(destination[copied..]);
            copied += count;
            if (copied == destination.Length)
            {
                break;
            }
        }
        return copied;
    }

    /// <summary>Copies bytes to <paramref name="offset"/> on; returns how many fitted.</summary>
    public int CopyFrom(int offset, ReadOnlySpan<byte> source)
    {
        int copied = 0;
        foreach (BufferSegment segment in Segments)
        {
            if (offset >= segment.Length)
            {
                offset -= segment.Length;
                continue;
            }
            Span<byte> rest = segment.Span[offset..];
            offset = 0;
            int count = Math.Min(rest.Length, source.Length - copied);
            source.Slice(copied, count).CopyTo(rest);
            copied += count;
            if (copied == source.Length)
            {
                break;
            }
        }
        return copied;
    }
}
