namespace Kaleidofs.Host.Monitoring;

/// <summary>Keeps the longest pause of garbage collection: the runtime tells only the last and the sum.</summary>
internal static class GarbageCollectionWatch
{
    private static long _longestTicks;
    private static int _isStarted;

    /// <summary>The longest pause since the watch began.</summary>
    public static TimeSpan LongestPause => TimeSpan.FromTicks(Volatile.Read(ref _longestTicks));

    /// <summary>Begins; once is enough.</summary>
    public static void Start()
    {
        if (Interlocked.Exchange(ref _isStarted, 1) == 0)
        {
            _ = new Sentinel();
        }
    }

    private static void Look()
    {
        foreach (TimeSpan pause in GC.GetGCMemoryInfo(GCKind.Any).PauseDurations)
        {
            _longestTicks = Math.Max(_longestTicks, pause.Ticks);
        }
    }

    /// <summary>Garbage from the start: its finalizer runs after the next collection, and leaves another one.</summary>
    private sealed class Sentinel
    {
        ~Sentinel()
        {
            Look();
            if (!Environment.HasShutdownStarted)
            {
                _ = new Sentinel();
            }
        }
    }
}
