using Kaleidofs.Diagnostics;

namespace Kaleidofs.Engine;

/// <summary>What a transport and the user allow a session to negotiate.</summary>
internal sealed record FuseSessionOptions
{
    /// <summary>The longest READ or WRITE payload in bytes; a multiple of the page size.</summary>
    public int MaxPayload { get; init; } = 1 << 20;

    /// <summary>The kernel checks modes itself (mount option default_permissions; virtio-fs always): needed for idmapped mounts.</summary>
    public bool DefaultPermissions { get; init; }

    /// <summary>The transport can take requests over io_uring, and will if that is agreed.</summary>
    public bool OverIoUring { get; init; }

    /// <summary>The most handles that a guest may hold open; more are ENFILE.</summary>
    public int MaxHandles { get; init; } = 1 << 20;

    /// <summary>Where each operation is written down; null if nobody asked for that.</summary>
    public OperationTrace? Trace { get; init; }

    /// <summary>
    /// The most requests whose driver has not answered; more are EBUSY. A transport takes fewer from one guest: these
    /// are used up only by requests of earlier guests, which a driver never ends.
    /// </summary>
    public int MaxWaiting { get; init; } = 1 << 14;

    /// <summary>The most bytes of long requests (values, targets of links) that are copied at one time; more are ENOMEM.</summary>
    public int MaxCopied { get; init; } = 16 << 20;
}
