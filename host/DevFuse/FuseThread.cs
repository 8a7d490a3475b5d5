using Kaleidofs.Diagnostics;
using Kaleidofs.Engine;

namespace Kaleidofs.Host.DevFuse;

/// <summary>A thread that takes a mount's requests, in one of the ways that the kernel offers.</summary>
internal abstract class FuseThread : IDisposable
{
    private readonly Thread _thread;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly SessionCounters _counters;

    /// <param name="session">Where requests go.</param>
    /// <param name="number">The thread's number among those of the mount.</param>
    /// <param name="name">Its name.</param>
    /// <param name="log">Where failures are told.</param>
    protected FuseThread(FuseSession session, int number, string name, DriverLog log)
    {
        Log = log;
        _counters = session.Counters;
        Counters = _counters.Open(number);
        _thread = new Thread(Run) { IsBackground = true, Name = name };
    }

    /// <summary>The thread has ended: unmounted, or the connection was aborted.</summary>
    public Task Ended => _ended.Task;

    /// <summary>What its requests are counted in.</summary>
    public QueueCounters Counters { get; }

    /// <summary>Requests that wait for their source.</summary>
    public abstract int InFlight { get; }

    /// <summary>Whether a request of this number is being served here.</summary>
    public abstract bool Holds(ulong unique);

    protected DriverLog Log { get; }

    public void Start() => _thread.UnsafeStart();

    /// <summary>Frees what requests used and closes the descriptors. The thread has ended, or never began, and nothing is in flight.</summary>
    public abstract void Dispose();

    /// <summary>What the thread does, to its end.</summary>
    protected abstract void Serve();

    private void Run()
    {
        try
        {
            Serve();
            _ended.SetResult();
        }
#pragma warning disable CA1031 // The thread's last resort: the process must go on, and say why this share does not.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Error("a thread of /dev/fuse failed", exception);
            _ended.SetException(exception);
        }
        finally
        {
            _counters.Close(Counters);
        }
    }
}
