using Kaleidofs.Protocol;

namespace Kaleidofs.Diagnostics;

/// <summary>What a session has done of one opcode, summed over its queues.</summary>
internal sealed class OperationTotal(Opcode opcode)
{
    /// <summary>0 stands for what is no opcode at all.</summary>
    public Opcode Opcode { get; } = opcode;

    /// <summary>Answered, failures included.</summary>
    public long Operations { get; set; }

    /// <summary>How many of them had to wait for the source.</summary>
    public long Waited { get; set; }

    /// <summary>Payload of replies.</summary>
    public long Sent { get; set; }

    /// <summary>Payload of requests.</summary>
    public long Received { get; set; }

    /// <summary>Failures; <see cref="Errno.None"/> stands for numbers that Linux does not have.</summary>
    public SortedDictionary<Errno, long> Errors { get; } = [];

    /// <summary>Durations from the request's copy to its reply: of those answered at once a sample, scaled; of those that waited every one.</summary>
    public LatencyHistogram Latency { get; } = new();

    /// <summary>What an error is called in metrics and in the status.</summary>
    public static string NameOf(Errno errno) => errno == Errno.None ? OpcodeName.Other : errno.ToString();
}
