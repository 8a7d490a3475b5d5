using Kaleidofs.Host.DevFuse;
using Kaleidofs.Host.Linux;

namespace Kaleidofs.Host.Sandbox;

/// <summary>What a process has confined itself to.</summary>
/// <param name="State">What is in force and what is not: one line.</param>
/// <param name="MountBroker">Does what it cannot do itself any more, if it has mounts.</param>
internal sealed record Confinement(string State, MountBroker? MountBroker = null)
{
    /// <summary>No confinement at all.</summary>
    public static Confinement None { get; } = new("off (--sandbox=none)");

    /// <summary>Takes away what shares need only while they start.</summary>
    public void CloseAfterStart()
    {
        if (MountBroker is not null)
        {
            _ = Libc.InstallFilter(SystemCallFilter.BuildAfterStart());
        }
    }
}
