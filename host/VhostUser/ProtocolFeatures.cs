namespace Kaleidofs.Host.VhostUser;

/// <summary>Features of the vhost-user protocol ("Protocol features" in its specification).</summary>
/// <remarks>
/// Not offered: STATUS, because a front end then resets the device when the guest is only paused; the log
/// and in-flight features, which belong to migration.
/// </remarks>
[Flags]
internal enum ProtocolFeatures : ulong
{
    None = 0,
    MultipleQueues = 1ul << 0,
    ReplyAcknowledge = 1ul << 3,
    BackendRequests = 1ul << 5,
    Config = 1ul << 9,
    ResetDevice = 1ul << 13,
    ConfigureMemorySlots = 1ul << 15,

    Offered = MultipleQueues | ReplyAcknowledge | BackendRequests | ResetDevice | ConfigureMemorySlots,
}
