namespace Kaleidofs.Host.Serving;

/// <summary>One share as the user asked for it, from the command line or a configuration file.</summary>
internal sealed record ShareSettings
{
    /// <summary>The most request queues that a share may offer: what kernels ask for at most stays far below.</summary>
    public const int MaxQueues = 64;

    /// <summary>The longest tag in bytes of UTF-8 (struct virtio_fs_config, virtio 1.3, 5.11.4).</summary>
    public const int MaxTagBytes = 36;

    /// <summary>What the log calls it.</summary>
    public required string Name { get; init; }

    /// <summary>scheme:rest, or a plain path.</summary>
    public required string Source { get; init; }

    /// <summary>Where to listen for a virtual machine (vhost-user).</summary>
    public string? SocketPath { get; init; }

    /// <summary>A listening socket that was inherited, in place of <see cref="SocketPath"/>.</summary>
    public int? SocketDescriptor { get; init; }

    /// <summary>The group that may connect to the socket.</summary>
    public string? SocketGroup { get; init; }

    /// <summary>The tag that the device announces; the virtual machine monitor's own otherwise.</summary>
    public string? Tag { get; init; }

    /// <summary>Request queues that are offered.</summary>
    public int? Queues { get; init; }

    /// <summary>The directory of this machine to mount on, in place of a socket.</summary>
    public string? Mountpoint { get; init; }

    /// <summary>Every change answers EROFS.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>Each operation is written down.</summary>
    public bool IsTraced { get; init; }

    /// <summary>The <c>-o</c> options: the host's and the driver's.</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>();

    /// <summary>UID maps in virtiofsd's syntax.</summary>
    public IReadOnlyList<string> TranslateUid { get; init; } = [];

    /// <summary>GID maps in virtiofsd's syntax.</summary>
    public IReadOnlyList<string> TranslateGid { get; init; } = [];
}
