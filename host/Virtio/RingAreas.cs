namespace Kaleidofs.Host.Virtio;

/// <summary>Where a virtqueue's three areas lie in this process.</summary>
internal readonly record struct RingAreas(nint Descriptors, nint Driver, nint Device);
