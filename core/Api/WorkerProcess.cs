namespace Kaleidofs;

/// <summary>A worker that was started. Disposing of it ends it.</summary>
public abstract class WorkerProcess : IDisposable
{
    /// <summary>What it writes, as it writes it; it waits when nobody reads. To be read by one thread at a time, which may wait.</summary>
    public abstract Stream Output { get; }

    /// <summary>Whether it did its work to the end: to be asked when <see cref="Output"/> has ended. Waits for the process's own end.</summary>
    public abstract bool HasSucceeded();

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends the process, if it runs still.</summary>
    protected abstract void Dispose(bool disposing);
}
