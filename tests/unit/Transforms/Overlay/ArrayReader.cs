namespace Kaleidofs.Tests.Unit.Transforms.Overlay;

/// <summary>What a write brings, from an array.</summary>
internal sealed class ArrayReader(byte[] bytes) : PayloadReader
{
    private int _position;

    public override int Remaining => bytes.Length - _position;

    public override ReadOnlySpan<byte> GetSpan() => bytes.AsSpan(_position);

    public override ReadOnlyMemory<byte> GetMemory() => bytes.AsMemory(_position);

    public override void Advance(int count) => _position += count;
}
