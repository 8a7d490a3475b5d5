namespace Kaleidofs.Host.VhostUser;

/// <summary>What the user may say about a vhost-user-fs device.</summary>
internal sealed record VhostUserDeviceOptions
{
    /// <summary>The name of threads: the share's.</summary>
    public string Name { get; init; } = "share";

    /// <summary>The most request queues offered. A queue costs nothing before the guest uses it.</summary>
    public int RequestQueues { get; init; } = 64;

    /// <summary>The mount tag, for front ends that ask the device for it; QEMU has its own (tag=). Null does not offer it.</summary>
    public string? Tag { get; init; }

    /// <summary>How long a queue's thread spins before it parks; 0 not at all.</summary>
    public int PollMicroseconds { get; init; }

    /// <summary>Offers VIRTIO_F_IN_ORDER: a guest that takes it gets its answers in the order of its requests, slow ones too.</summary>
    public bool InOrder { get; init; }

    /// <summary>How long requests in flight may take when a queue is stopped, before they are cancelled.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(5);
}
