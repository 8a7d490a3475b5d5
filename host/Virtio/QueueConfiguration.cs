using Kaleidofs.Host.Linux;

namespace Kaleidofs.Host.Virtio;

/// <summary>What a queue needs to run, told by the front end.</summary>
/// <param name="Memory">The guest's memory; the queue takes its own reference.</param>
/// <param name="Size">The ring's size.</param>
/// <param name="Addresses">The ring.</param>
/// <param name="Position">Where the ring goes on; null at its beginning.</param>
/// <param name="Features">What was negotiated.</param>
/// <param name="Kick">Where the guest signals, now the queue's; null means that the front end has none and the queue is polled.</param>
internal sealed record QueueConfiguration(GuestMemory Memory, int Size, RingAddresses Addresses, uint? Position, RingFeatures Features, FileDescriptor? Kick);
