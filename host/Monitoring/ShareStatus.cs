using Kaleidofs.Diagnostics;

namespace Kaleidofs.Host.Monitoring;

/// <summary>A share's part of <see cref="HostStatus"/>.</summary>
internal sealed record ShareStatus
{
    public required string Name { get; init; }
    public required string Source { get; init; }
    public required string Transport { get; init; }
    public required string Endpoint { get; init; }
    public required string State { get; init; }
    public required IReadOnlyList<QueueStatus> Queues { get; init; }
    public required IReadOnlyList<OperationStatus> Operations { get; init; }

    public static ShareStatus Of(ShareSnapshot share) => new()
    {
        Name = share.Probe.Name,
        Source = share.Probe.Source,
        Transport = share.Probe.Transport,
        Endpoint = share.Probe.Endpoint,
        State = share.State,
        Queues = [.. share.Queues.Select(queue => new QueueStatus(queue.Queue, queue.IsOpen, queue.Outstanding, queue.Operations, queue.Batches, queue.Sleeps, queue.Signals))],
        Operations = [.. share.Operations.Select(OperationStatus.Of)],
    };
}

/// <summary>A queue of a virtual machine, or a thread of a mount.</summary>
internal sealed record QueueStatus(int Queue, bool IsServed, long Outstanding, long Operations, long Batches, long Sleeps, long Signals);

/// <summary>What was done of one opcode.</summary>
internal sealed record OperationStatus
{
    public required string Opcode { get; init; }
    public required long Operations { get; init; }
    public required long Waited { get; init; }
    public required long SentBytes { get; init; }
    public required long ReceivedBytes { get; init; }
    public required IReadOnlyDictionary<string, long> Errors { get; init; }
    public required double P50Seconds { get; init; }
    public required double P99Seconds { get; init; }

    /// <summary>Pairs of a bucket's lower bound in nanoseconds and its count; the empty ones are left out.</summary>
    public required IReadOnlyList<long[]> Latency { get; init; }

    public static OperationStatus Of(OperationTotal total) => new()
    {
        Opcode = OpcodeName.Of(total.Opcode),
        Operations = total.Operations,
        Waited = total.Waited,
        SentBytes = total.Sent,
        ReceivedBytes = total.Received,
        Errors = total.Errors.ToDictionary(error => OperationTotal.NameOf(error.Key), error => error.Value),
        P50Seconds = total.Latency.Percentile(0.5) / 1e9,
        P99Seconds = total.Latency.Percentile(0.99) / 1e9,
        Latency = [.. total.Latency.Buckets.Select(bucket => new[] { bucket.LowerBound, bucket.Count })],
    };
}
