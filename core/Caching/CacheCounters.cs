namespace Kaleidofs.Caching;

/// <summary>What the cache counts beside the hits, which each block counts itself.</summary>
internal sealed class CacheCounters
{
    private long _retiredHits;
    private long _shownHits;
    private long _misses;
    private long _evictions;

    /// <summary>Hits of blocks that were freed.</summary>
    public long RetiredHits => Interlocked.Read(ref _retiredHits);

    /// <summary>A block is freed that was hit so often.</summary>
    public void Retire(long hits) => Interlocked.Add(ref _retiredHits, hits);

    /// <summary>A block had to be loaded.</summary>
    public void CountMiss() => Interlocked.Increment(ref _misses);

    /// <summary>A block was dropped to stay within the budget.</summary>
    public void CountEviction() => Interlocked.Increment(ref _evictions);

    /// <summary>The totals; their counts never go back.</summary>
    public CacheTotals Read(long budget, long bytes, long blocks, long hits)
    {
        long shown = Interlocked.Read(ref _shownHits);
        while (hits > shown)
        {
            long before = Interlocked.CompareExchange(ref _shownHits, hits, shown);
            shown = before == shown ? hits : before;
        }
        return new CacheTotals(budget, bytes, blocks, shown, Interlocked.Read(ref _misses), Interlocked.Read(ref _evictions));
    }
}

/// <summary>What the cache holds and did so far.</summary>
/// <param name="Budget">The most bytes it keeps.</param>
/// <param name="Bytes">Bytes held now.</param>
/// <param name="Blocks">Blocks held or being loaded now.</param>
/// <param name="Hits">Blocks that were at hand when asked for.</param>
/// <param name="Misses">Blocks that had to be loaded; who waits for the same load is not counted again.</param>
/// <param name="Evictions">Blocks dropped to stay within the budget.</param>
internal readonly record struct CacheTotals(long Budget, long Bytes, long Blocks, long Hits, long Misses, long Evictions);
