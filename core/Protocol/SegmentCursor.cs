namespace Kaleidofs.Protocol;

/// <summary>A position in a request's segments, moving front to back.</summary>
internal struct SegmentCursor
{
    private readonly SegmentList _segments;
    private int _segment;
    private int _offset;

    /// <summary>Bytes from here to the end of what was asked for.</summary>
    public int Remaining { get; private set; }

    /// <summary>Starts at byte <paramref name="offset"/> of the segments, for at most <paramref name="limit"/> bytes.</summary>
    public SegmentCursor(SegmentList segments, int offset, int limit)
    {
        _segments = segments;
        Remaining = Math.Max(Math.Min(limit, segments.Length - offset), 0);
        while (_segment < segments.Count && offset >= segments.Segments[_segment].Length)
        {
            offset -= segments.Segments[_segment++].Length;
        }
        _offset = offset;
    }

    /// <summary>The rest of the current segment; empty only at the end.</summary>
    public readonly Span<byte> Span
    {
        get
        {
            if (Remaining == 0)
            {
                return default;
            }
            Span<byte> rest = _segments.Segments[_segment].Span[_offset..];
            return rest.Length > Remaining ? rest[..Remaining] : rest;
        }
    }

    /// <summary>The same as memory; allocates.</summary>
    public readonly Memory<byte> Memory
    {
        get
        {
            int length = Span.Length;
            return length == 0 ? default : new SegmentMemory(_segments.Segments[_segment].Pointer + _offset, length).Memory;
        }
    }

    /// <summary>What remains, as segments; returns how many of them fitted.</summary>
    public readonly int List(Span<BufferSegment> destination)
    {
        ReadOnlySpan<BufferSegment> segments = _segments.Segments;
        int listed = 0;
        int offset = _offset;
        int remaining = Remaining;
        for (int i = _segment; remaining > 0 && listed < destination.Length; i++, offset = 0)
        {
            int length = Math.Min(segments[i].Length - offset, remaining);
            destination[listed++] = new BufferSegment(segments[i].Pointer + offset, length);
            remaining -= length;
        }
        return listed;
    }

    /// <summary>Moves on within the current segment.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More than the current segment has.</exception>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Span.Length);
        Remaining -= count;
        _offset += count;
        if (Remaining > 0 && _offset == _segments.Segments[_segment].Length)
        {
            _segment++;
            _offset = 0;
        }
    }
}
