using Kaleidofs.Caching;
using Kaleidofs.Diagnostics;

namespace Kaleidofs.Host.Monitoring;

/// <summary>How the process does at one moment.</summary>
internal sealed record HostSnapshot
{
    /// <summary>When.</summary>
    public required DateTime Time { get; init; }

    /// <summary>When the process began.</summary>
    public required DateTime Started { get; init; }

    /// <summary>How the process confines itself.</summary>
    public required string Sandbox { get; init; }

    /// <summary>The content cache.</summary>
    public required CacheTotals Cache { get; init; }

    /// <summary>The content cache's tier on disk.</summary>
    public required DiskTotals Disk { get; init; }

    /// <summary>What is served.</summary>
    public required IReadOnlyList<ShareSnapshot> Shares { get; init; }

    /// <summary>Memory of the process that is in RAM.</summary>
    public long ResidentBytes { get; } = Environment.WorkingSet;

    /// <summary>The garbage-collected heap.</summary>
    public long HeapBytes { get; } = GC.GetTotalMemory(forceFullCollection: false);

    /// <summary>Collections by generation, each counting those above it too, as the runtime does.</summary>
    public IReadOnlyList<int> Collections { get; } = [.. Enumerable.Range(0, GC.MaxGeneration + 1).Select(GC.CollectionCount)];

    /// <summary>How long collections paused the process, in all.</summary>
    public TimeSpan TotalPause { get; } = GC.GetTotalPauseDuration();

    /// <summary>The longest of those pauses.</summary>
    public TimeSpan LongestPause { get; } = GarbageCollectionWatch.LongestPause;
}

/// <summary>One share at that moment.</summary>
/// <param name="Probe">What does not change.</param>
/// <param name="State">Who is served.</param>
/// <param name="Operations">By opcode.</param>
/// <param name="Queues">By queue.</param>
internal sealed record ShareSnapshot(ShareProbe Probe, string State, IReadOnlyList<OperationTotal> Operations, IReadOnlyList<QueueTotal> Queues);
