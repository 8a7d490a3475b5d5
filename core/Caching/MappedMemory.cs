using System.Buffers;

namespace Kaleidofs.Caching;

/// <summary>Bytes of a mapped file as memory that keeps the file mapped.</summary>
internal sealed unsafe class MappedMemory : MemoryManager<byte>
{
    private readonly byte* _start;
    private readonly int _length;
#pragma warning disable IDE0052
    private readonly MappedFile _file;
#pragma warning restore IDE0052

    public MappedMemory(MappedFile file, byte* start, int length)
    {
        _file = file;
        _start = start;
        _length = length;
    }

    public override Span<byte> GetSpan() => new(_start, _length);

    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)_length, nameof(elementIndex));
        return new MemoryHandle(_start + elementIndex, pinnable: this);
    }

    public override void Unpin()
    {
        // It never moves.
    }

    protected override void Dispose(bool disposing)
    {
        // The file's handle has a finalizer.
    }
}
