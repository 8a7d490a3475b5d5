using System.Runtime.InteropServices;

namespace Kaleidofs.Diagnostics;

/// <summary>What is counted of one opcode: a cache line.</summary>
[StructLayout(LayoutKind.Sequential, Size = 64)]
internal struct OpcodeCounters
{
    public long Operations;

    /// <summary>Payload of replies, their header not counted.</summary>
    public long Sent;

    /// <summary>Payload of requests, header and fixed struct not counted.</summary>
    public long Received;

    /// <summary>For how many of the operations the durations that were taken stand.</summary>
    public long Timed;

    /// <summary>The next operation to be timed.</summary>
    public long NextTimed;
}
