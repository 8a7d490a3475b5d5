namespace Kaleidofs.Caching;

/// <summary>What the tier on disk counts.</summary>
internal sealed class DiskCounters
{
    private long _hits;
    private long _misses;
    private long _written;
    private long _damaged;

    public void CountHit() => Interlocked.Increment(ref _hits);

    public void CountMiss() => Interlocked.Increment(ref _misses);

    public void CountWritten() => Interlocked.Increment(ref _written);

    public void CountDamaged() => Interlocked.Increment(ref _damaged);

    public DiskTotals Read(long bound, long bytes)
        => new(bound, bytes, Interlocked.Read(ref _hits), Interlocked.Read(ref _misses), Interlocked.Read(ref _written), Interlocked.Read(ref _damaged));
}
