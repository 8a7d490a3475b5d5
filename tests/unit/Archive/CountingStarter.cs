using Microsoft.Win32.SafeHandles;

namespace Kaleidofs.Tests.Unit.Archive;

/// <summary>Counts the workers that are started.</summary>
internal sealed class CountingStarter(WorkerStarter inner) : WorkerStarter
{
    private int _count;

    public int Count => _count;

    public override WorkerProcess Start(Type worker, SafeFileHandle input, TimeSpan processorTime)
    {
        Interlocked.Increment(ref _count);
        return inner.Start(worker, input, processorTime);
    }
}
