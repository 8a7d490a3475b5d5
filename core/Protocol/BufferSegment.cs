namespace Kaleidofs.Protocol;

/// <summary>A piece of memory that a request reads from or writes to: guest memory, or a transport's buffer. Kept mapped by the transport until the request completes.</summary>
/// <param name="Pointer">Its first byte.</param>
/// <param name="Length">Bytes; never negative.</param>
internal readonly unsafe record struct BufferSegment(nint Pointer, int Length)
{
    public Span<byte> Span => new((void*)Pointer, Length);
}
