using System.Buffers;

namespace Kaleidofs.Protocol;

/// <summary>A segment as <see cref="Memory{T}"/>, for asynchronous sources. Valid while the request is in flight, as the segment is.</summary>
internal sealed unsafe class SegmentMemory(nint pointer, int length) : MemoryManager<byte>
{
    public override Span<byte> GetSpan() => new((void*)pointer, length);

    public override MemoryHandle Pin(int elementIndex = 0) => new((byte*)pointer + elementIndex);

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }
}
