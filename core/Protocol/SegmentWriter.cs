namespace Kaleidofs.Protocol;

/// <summary>Writes a reply's payload front to back into a request's writable segments. Reused with its request.</summary>
internal sealed class SegmentWriter : PayloadWriter
{
    private SegmentCursor _cursor;
    private int _written;

    public override int Remaining => _cursor.Remaining;

    public override int Written => _written;

    /// <summary>Starts at byte <paramref name="offset"/> of the segments, for at most <paramref name="limit"/> bytes.</summary>
    public void Start(SegmentList segments, int offset, int limit)
    {
        _cursor = new SegmentCursor(segments, offset, limit);
        _written = 0;
    }

    public override Span<byte> GetSpan() => _cursor.Span;

    public override Memory<byte> GetMemory() => _cursor.Memory;

    internal override int ListSegments(Span<BufferSegment> segments) => _cursor.List(segments);

    public override void Advance(int count)
    {
        _cursor.Advance(count);
        _written += count;
    }
}
