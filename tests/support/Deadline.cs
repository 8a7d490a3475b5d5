using System.Diagnostics;

namespace Kaleidofs.Tests.Support;

/// <summary>A moment after which waiting is a failure.</summary>
public readonly struct Deadline
{
    private readonly long _end;

    private Deadline(long end) => _end = end;

    public static Deadline After(TimeSpan time) => new(Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency));

    public TimeSpan Remaining => HasPassed ? TimeSpan.Zero : Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), _end);

    public bool HasPassed => Stopwatch.GetTimestamp() >= _end;
}
