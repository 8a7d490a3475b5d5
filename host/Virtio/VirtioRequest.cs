using Kaleidofs.Engine;

namespace Kaleidofs.Host.Virtio;

/// <summary>One descriptor chain of a queue, as a request. Pooled by its queue's thread, which alone touches everything but <see cref="Complete"/>.</summary>
internal sealed class VirtioRequest : FuseRequest
{
    private readonly QueueWorker _worker;

    public VirtioRequest(QueueWorker worker) => _worker = worker;

    /// <summary>What the guest knows the chain by: its first descriptor, or in a packed ring its buffer id.</summary>
    public ushort ChainId { get; set; }

    /// <summary>How many descriptors of a packed ring it takes.</summary>
    public int ChainLength { get; set; }

    /// <summary>Which of the rings that the queue had since it was made it came from.</summary>
    public int Generation { get; set; }

    /// <summary>The used element's length, once completed.</summary>
    public int Written { get; set; }

    /// <summary>Completed, and waiting for those before it (VIRTIO_F_IN_ORDER).</summary>
    public bool IsDone { get; set; }

    /// <summary>The one taken after it (VIRTIO_F_IN_ORDER).</summary>
    public VirtioRequest? Successor { get; set; }

    /// <summary>Keeps the segments mapped.</summary>
    public MemoryLease? Lease { get; set; }

    /// <summary>The next in the list of completed requests.</summary>
    public VirtioRequest? Next { get; set; }

    /// <inheritdoc/>
    public override void Complete(int written) => _worker.Complete(this, written);
}
