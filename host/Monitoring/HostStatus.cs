namespace Kaleidofs.Host.Monitoring;

/// <summary>A snapshot as it is sent over the control socket, and shown by <c>kaleidofs status --json</c>.</summary>
internal sealed record HostStatus
{
    public required string Version { get; init; }
    public required int ProcessId { get; init; }
    public required DateTime Time { get; init; }
    public required double UptimeSeconds { get; init; }
    public required string Sandbox { get; init; }
    public required long ResidentBytes { get; init; }
    public required CacheStatus Cache { get; init; }
    public required DiskCacheStatus DiskCache { get; init; }
    public required CollectionStatus GarbageCollection { get; init; }
    public required IReadOnlyList<ShareStatus> Shares { get; init; }

    public static HostStatus Of(HostSnapshot snapshot) => new()
    {
        Version = typeof(HostStatus).Assembly.GetName().Version?.ToString(fieldCount: 3) ?? "",
        ProcessId = Environment.ProcessId,
        Time = snapshot.Time,
        UptimeSeconds = Math.Round((snapshot.Time - snapshot.Started).TotalSeconds, 3),
        Sandbox = snapshot.Sandbox,
        ResidentBytes = snapshot.ResidentBytes,
        Cache = new CacheStatus(snapshot.Cache.Budget, snapshot.Cache.Bytes, snapshot.Cache.Blocks, snapshot.Cache.Hits, snapshot.Cache.Misses, snapshot.Cache.Evictions),
        DiskCache = new DiskCacheStatus(snapshot.Disk.Bound, snapshot.Disk.Bytes, snapshot.Disk.Hits, snapshot.Disk.Misses, snapshot.Disk.Written, snapshot.Disk.Damaged),
        GarbageCollection = new CollectionStatus(snapshot.Collections, snapshot.TotalPause.TotalSeconds, snapshot.LongestPause.TotalSeconds, snapshot.HeapBytes),
        Shares = [.. snapshot.Shares.Select(ShareStatus.Of)],
    };
}

/// <summary>The content cache.</summary>
internal sealed record CacheStatus(long BudgetBytes, long UsedBytes, long Blocks, long Hits, long Misses, long Evictions);

/// <summary>The content cache's tier on disk: the bytes of all processes, the counts of this one. No budget: there is none.</summary>
internal sealed record DiskCacheStatus(long BudgetBytes, long UsedBytes, long Hits, long Misses, long Written, long Damaged);

/// <summary>Garbage collection.</summary>
internal sealed record CollectionStatus(IReadOnlyList<int> Collections, double PauseSeconds, double LongestPauseSeconds, long HeapBytes);
