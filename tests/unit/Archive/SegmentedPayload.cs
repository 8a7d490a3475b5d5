namespace Kaleidofs.Tests.Unit.Archive;

/// <summary>A read's destination in segments, as guest memory comes.</summary>
internal sealed class SegmentedPayload(int length, int segmentLength) : PayloadWriter
{
    private readonly byte[] _memory = new byte[length];
    private int _written;

    public override int Remaining => _memory.Length - _written;

    public override int Written => _written;

    public override Span<byte> GetSpan() => GetMemory().Span;

    public override Memory<byte> GetMemory()
        => _memory.AsMemory(_written, Math.Min(Remaining, segmentLength - (_written % segmentLength)));

    public override void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, GetSpan().Length);
        _written += count;
    }

    public byte[] ToArray() => _memory[.._written];
}
