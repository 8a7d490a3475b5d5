namespace Kaleidofs;

/// <summary>A read's destination in an array, for who wants the bytes itself. It can be used again and again.</summary>
/// <param name="length">How many bytes it takes.</param>
public sealed class ArrayPayloadWriter(int length) : PayloadWriter
{
    private readonly byte[] _buffer = new byte[length];
    private int _written;

    /// <summary>What was read.</summary>
    public ReadOnlyMemory<byte> Content => _buffer.AsMemory(0, _written);

    /// <inheritdoc/>
    public override int Remaining => _buffer.Length - _written;

    /// <inheritdoc/>
    public override int Written => _written;

    /// <inheritdoc/>
    public override Span<byte> GetSpan() => _buffer.AsSpan(_written);

    /// <inheritdoc/>
    public override Memory<byte> GetMemory() => _buffer.AsMemory(_written);

    /// <inheritdoc/>
    public override void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)Remaining);
        _written += count;
    }

    /// <summary>Begins the next read.</summary>
    public void Clear() => _written = 0;
}
