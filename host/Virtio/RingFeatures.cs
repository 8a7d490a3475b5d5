namespace Kaleidofs.Host.Virtio;

/// <summary>What was negotiated about the shape of rings (virtio 1.3, section 6).</summary>
/// <param name="EventIndex">VIRTIO_F_EVENT_IDX: either side names the request at which it wants to be told.</param>
/// <param name="IsPacked">VIRTIO_F_RING_PACKED: one ring of descriptors instead of three parts.</param>
/// <param name="InOrder">VIRTIO_F_IN_ORDER: chains are given back in the order in which they came.</param>
internal readonly record struct RingFeatures(bool EventIndex, bool IsPacked = false, bool InOrder = false);
