using System.Diagnostics.CodeAnalysis;

namespace Kaleidofs.Host.Linux;

/// <summary>Threads for calls that wait in the kernel. They are made when there is work, and end when there has been none for a while.</summary>
/// <remarks>
/// Not the thread pool: its few threads run every share's continuations, and a disk that hangs would hold them all.
/// </remarks>
internal sealed class WaitingThreads(int limit)
{
    private const int StackSize = 256 << 10;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly object _gate = new();
    private readonly Queue<Action> _work = new();
    private int _threads;
    private int _idle;

    /// <summary>Runs work in the order of its arrival, as soon as a thread is free. The work throws nothing.</summary>
    public void Enqueue(Action work)
    {
        lock (_gate)
        {
            _work.Enqueue(work);
            if (_work.Count <= _idle || _threads == limit)
            {
                Monitor.Pulse(_gate);
                return;
            }
            _threads++;
        }
        new Thread(Run, StackSize) { IsBackground = true, Name = "disk" }.UnsafeStart();
    }

    private void Run()
    {
        while (TryTake(out Action? work))
        {
            work();
        }
    }

    private bool TryTake([NotNullWhen(true)] out Action? work)
    {
        lock (_gate)
        {
            while (!_work.TryDequeue(out work))
            {
                _idle++;
                bool wasCalled = Monitor.Wait(_gate, Patience);
                _idle--;
                if (!wasCalled && _work.Count == 0)
                {
                    _threads--;
                    return false;
                }
            }
            return true;
        }
    }
}
