namespace Kaleidofs.Drivers.Archive;

/// <summary>Opening takes a moment, or minutes where all of an archive must be decoded: says every few seconds how far it is, and ends when it is cancelled.</summary>
internal sealed class OpeningProgress(string archive, DriverLog log, CancellationToken cancellationToken, IProgress<double>? watcher = null)
{
    private const long Interval = 5000;
    private const long WatchedInterval = 100;

    private readonly long _interval = watcher is null ? Interval : WatchedInterval;
    private long _next = Environment.TickCount64 + (watcher is null ? Interval : WatchedInterval);

    /// <summary>How much is done, from 0 to 1.</summary>
    public double Fraction { get; private set; }

    /// <summary>Whether something could not be read that the next time may be there.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>Notes that something could not be read.</summary>
    public void NoteFailure() => HasFailed = true;

    /// <summary>So many bytes of so many are done.</summary>
    /// <exception cref="OperationCanceledException">Nobody wants the archive any more.</exception>
    public void At(long done, long all)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Fraction = (double)done / Math.Max(all, 1);
        if (Environment.TickCount64 >= _next)
        {
            _next = Environment.TickCount64 + _interval;
            if (watcher is not null)
            {
                watcher.Report(Fraction);
                return;
            }
            log.Information($"{archive}: reading its index, {Fraction:P0}");
        }
    }
}
