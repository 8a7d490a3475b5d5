namespace Kaleidofs.Host.Virtio;

/// <summary>
/// Bounds the requests that a device has taken and not given back, and so what a guest can make us hold: the rings that
/// run have equal shares. A ring that is at its share takes no more until it has given some back; nobody is refused.
/// </summary>
internal sealed class OutstandingQuota
{
    /// <summary>The most of all rings together, but for what was taken before another ring started.</summary>
    public const int MaxOfDevice = 4096;

    /// <summary>The most of one.</summary>
    public const int MaxOfRing = 1024;

    private int _rings;

    /// <summary>The share of each ring.</summary>
    public int Share => Math.Min(MaxOfRing, MaxOfDevice / Math.Max(1, Volatile.Read(ref _rings)));

    /// <summary>A ring runs from now on.</summary>
    public void Enter() => Interlocked.Increment(ref _rings);

    /// <summary>It does no more.</summary>
    public void Leave() => Interlocked.Decrement(ref _rings);
}
