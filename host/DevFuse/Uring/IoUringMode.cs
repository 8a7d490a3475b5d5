namespace Kaleidofs.Host.DevFuse.Uring;

/// <summary>Whether a mount's requests come over io_uring.</summary>
internal enum IoUringMode
{
    /// <summary>If the kernel has it and lets us.</summary>
    Auto,

    /// <summary>Yes, or there is no mount.</summary>
    On,

    /// <summary>No.</summary>
    Off,
}
