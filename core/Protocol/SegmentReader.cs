namespace Kaleidofs.Protocol;

/// <summary>Reads a request's payload front to back from its readable segments. Reused with its request.</summary>
internal sealed class SegmentReader : PayloadReader
{
    private SegmentCursor _cursor;

    public override int Remaining => _cursor.Remaining;

    /// <summary>Starts at byte <paramref name="offset"/> of the segments, for at most <paramref name="limit"/> bytes.</summary>
    public void Start(SegmentList segments, int offset, int limit) => _cursor = new SegmentCursor(segments, offset, limit);

    public override ReadOnlySpan<byte> GetSpan() => _cursor.Span;

    public override ReadOnlyMemory<byte> GetMemory() => _cursor.Memory;

    public override void Advance(int count) => _cursor.Advance(count);
}
