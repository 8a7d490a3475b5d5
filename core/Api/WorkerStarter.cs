using Microsoft.Win32.SafeHandles;

namespace Kaleidofs;

/// <summary>Starts a driver's workers.</summary>
public abstract class WorkerStarter
{
    /// <summary>Starts none.</summary>
    public static WorkerStarter None { get; } = new NoWorkers();

    /// <summary>Starts a worker in a process of its own.</summary>
    /// <param name="worker">The <see cref="Worker"/>, of the driver's own assembly.</param>
    /// <param name="input">A file for it to read. The caller's own still.</param>
    /// <param name="processorTime">How long it may compute, all of its threads together, before it is ended.</param>
    /// <returns>The process; the caller's to dispose of.</returns>
    /// <exception cref="SourceException">It cannot be started.</exception>
    public abstract WorkerProcess Start(Type worker, SafeFileHandle input, TimeSpan processorTime);

    private sealed class NoWorkers : WorkerStarter
    {
        public override WorkerProcess Start(Type worker, SafeFileHandle input, TimeSpan processorTime)
            => throw new SourceException("this host starts no workers");
    }
}
