namespace Kaleidofs.Host.VhostUser;

/// <summary>Device features (virtio 1.3, section 6), and the one bit of vhost-user's own.</summary>
[Flags]
internal enum VhostUserFeatures : ulong
{
    None = 0,
    RingIndirectDescriptors = 1ul << 28,
    RingEventIndex = 1ul << 29,
    ProtocolFeatures = 1ul << 30,
    Version1 = 1ul << 32,
    RingPacked = 1ul << 34,

    /// <summary>Offered only if asked for: one slow request would hold up all that come after it.</summary>
    InOrder = 1ul << 35,

    Offered = RingIndirectDescriptors | RingEventIndex | ProtocolFeatures | Version1 | RingPacked,
}
