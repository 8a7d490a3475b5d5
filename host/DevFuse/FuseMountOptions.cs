using Kaleidofs.Diagnostics;
using Kaleidofs.Host.DevFuse.Uring;

namespace Kaleidofs.Host.DevFuse;

/// <summary>How a share is mounted on this machine.</summary>
internal sealed record FuseMountOptions
{
    /// <summary>What mount(8) and df(1) show as the source.</summary>
    public required string Source { get; init; }

    /// <summary>MS_RDONLY: the kernel refuses writes itself.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>Whether other users than the one who mounts may enter; null for: when root mounts.</summary>
    public bool? AllowOther { get; init; }

    /// <summary>How many threads serve it.</summary>
    public int Threads { get; init; } = DevFuseServer.DefaultThreads;

    /// <summary>Whether requests come over io_uring.</summary>
    public IoUringMode IoUring { get; init; }

    /// <summary>Where each operation is written down; null if nobody asked for that.</summary>
    public OperationTrace? Trace { get; init; }

    /// <summary>The longest READ or WRITE payload in bytes.</summary>
    public int MaxPayload { get; init; } = FuseLimits.MaxPayload;

    /// <summary>Mounts in place of this process; null if it may do that itself.</summary>
    public MountBroker? Broker { get; init; }
}
