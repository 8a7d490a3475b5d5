using Kaleidofs.Host.VhostUser;

namespace Kaleidofs.Tests.Support.VhostUser;

/// <summary>What a front end wants of a device.</summary>
internal sealed record FrontEndOptions
{
    public bool Indirect { get; init; } = true;

    public bool EventIndex { get; init; } = true;

    public bool Packed { get; init; }

    public bool InOrder { get; init; }

    /// <summary>Memory by ADD_MEM_REG rather than by SET_MEM_TABLE, if the device can.</summary>
    public bool MemorySlots { get; init; } = true;

    public int QueueSize { get; init; } = 256;
}

/// <summary>What a device agreed to.</summary>
internal sealed record FrontEndFeatures(VhostUserFeatures Features, ProtocolFeatures Protocol, int Queues);
