using Kaleidofs.Host.DevFuse;
using Kaleidofs.Host.Linux;

namespace Kaleidofs.Host.Sandbox;

/// <summary>What a process has confined itself to.</summary>
/// <param name="State">What is in force and what is not: one line.</param>
/// <param name="MountBroker">Does what it cannot do itself any more, if it has mounts.</param>
/// <param name="AllowsRings">Whether its filter of system calls allows io_uring, which mounts need while they start.</param>
internal sealed record Confinement(string State, MountBroker? MountBroker = null, bool AllowsRings = false)
{
    private const string StaysOpen = "io_uring stays open to drivers";

    /// <summary>No confinement at all.</summary>
    public static Confinement None { get; } = new("off (--sandbox=none)");

    /// <summary>Whether the kernel did not take away what it should have.</summary>
    public bool IsOpen => State.Contains(StaysOpen, StringComparison.Ordinal);

    /// <summary>Takes away what shares need only while they start.</summary>
    /// <returns>What is in force then.</returns>
    public Confinement CloseAfterStart() => CloseAfterStart(static filter => Libc.InstallFilter(filter));

    /// <summary>The same with another way to lay a filter on.</summary>
    public Confinement CloseAfterStart(Func<ulong[], bool> install) => !AllowsRings || install(SystemCallFilter.BuildAfterStart())
        ? this
        : this with { State = $"{State}; {StaysOpen} ({Libc.LastError()})" };
}
