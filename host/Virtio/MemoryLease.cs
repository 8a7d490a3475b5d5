namespace Kaleidofs.Host.Virtio;

/// <summary>One queue's hold on a memory snapshot: one for the ring, one for each request in flight. Counted by the queue's thread alone (after its end, under its gate), so without atomics.</summary>
internal sealed class MemoryLease
{
    private int _uses = 1;

    /// <summary>Takes a reference on the snapshot, which the last <see cref="Release"/> gives back.</summary>
    public MemoryLease(GuestMemory memory)
    {
        memory.Retain();
        Memory = memory;
    }

    public GuestMemory Memory { get; }

    public void Use() => _uses++;

    public void Release()
    {
        if (--_uses == 0)
        {
            Memory.Release();
        }
    }
}
