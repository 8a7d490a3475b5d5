using System.Diagnostics;
using Kaleidofs.Diagnostics;
using Kaleidofs.Engine;
using Kaleidofs.Host.Linux;

namespace Kaleidofs.Host.Virtio;

/// <summary>
/// One queue and its thread. The thread takes requests off the ring, dispatches them, and gives them back;
/// it alone touches the ring, so there is no lock. Everything else reaches it by <see cref="Invoke"/>.
/// </summary>
/// <remarks>
/// Requests that complete during their dispatch are collected and published once a batch: one store of the
/// used index, at most one signal. Requests that complete later, on other threads, are pushed on a list that the
/// thread takes whole. With nothing to do the thread parks in epoll_wait until a kick or a wake.
/// </remarks>
internal sealed partial class QueueWorker
{
    /// <summary>A batch that has written this much is published before the next request, so that the guest can go on.</summary>
    private const int PublishBytes = 128 << 10;

    private readonly FuseSession _session;
    private readonly QueueWorkerOptions _options;
    private readonly Thread _thread;
    private int _threadId;

    // The thread's own state.
    private Ring? _ring;
    private QueueConfiguration? _configuration;
    private MemoryLease? _lease;
    private CompletionOrder? _order;
    private FileDescriptor? _call;
    private bool _enabled;
    private bool _ended;
    private int _generation;
    private int _outstanding;
    private int _abandoned;
    private int _unpublishedBytes;
    private VirtioRequest? _pool;

    public QueueWorker(int index, FuseSession session, QueueWorkerOptions options)
    {
        Index = index;
        _session = session;
        _options = options;
        Counters = session.Counters.Open(index);
        _epoll = Libc.CreateEpoll();
        _wake = Libc.CreateEventFd();
        Watch(_wake);
        _thread = new Thread(Run) { IsBackground = true, Name = $"{options.Name}/{index}" };
    }

    /// <summary>The queue's number: 0 is hiprio (virtio 1.3, 5.11.2).</summary>
    public int Index { get; }

    /// <summary>What its requests are counted in.</summary>
    public QueueCounters Counters { get; }

    /// <summary>Whether requests of an earlier ring, which nobody waits for, are still in flight.</summary>
    public bool HasAbandoned => Volatile.Read(ref _abandoned) > 0;

    /// <summary>Starts the thread, with nothing to do yet.</summary>
    public void Start() => _thread.UnsafeStart();

    private void Run()
    {
        Volatile.Write(ref _threadId, Environment.CurrentManagedThreadId);
        try
        {
            while (!_ended)
            {
                RunCommands();
                bool busy = Reap();
                busy |= Drain();
                Publish();
                if (!busy && !_ended)
                {
                    Idle();
                }
            }
        }
        catch (Exception failure)
        {
            // Nothing is known to lead here. Whatever does must not end the process, and with it every other share.
            _options.Device.Break($"queue {Index} failed: {failure}");
        }
        finally
        {
            CloseRing();
            _session.Counters.Close(Counters);
            _call?.Dispose();
            _epoll.Dispose();
            // Another thread may get this one's number now.
            Volatile.Write(ref _threadId, 0);
            lock (_commandGate)
            {
                _closed = true;
                _wake.Dispose();
                ReapClosed();
            }
            // Who asked for something in the last moment gets it: the ring is closed, so it finds nothing to do.
            RunCommands();
            _drained?.Set();
        }
    }

    /// <summary>Takes and dispatches what waits on the ring: at most one ring's worth, so that commands and completions get their turn.</summary>
    private bool Drain()
    {
        if (!_enabled || _ring is not { } ring || _lease is not { } lease || _options.Device.IsBroken)
        {
            return false;
        }
        int count = ring.CountAvailable(out string? fault);
        if (fault is not null)
        {
            Break(fault);
            return false;
        }
        if (count == 0)
        {
            return false;
        }
        Counters.CountBatch();
        int room = _options.Quota.Share - _outstanding;
        for (int i = Math.Min(count, room); i > 0; i--)
        {
            VirtioRequest request = Rent();
            fault = ring.Take(lease.Memory, request);
            if (fault is not null)
            {
                Return(request);
                Break(fault);
                break;
            }
            request.Generation = _generation;
            request.Lease = lease;
            lease.Use();
            _outstanding++;
            _order?.Add(request);
            _session.Dispatch(request);
            if (_unpublishedBytes >= PublishBytes)
            {
                Publish();
            }
        }
        return room > 0;
    }

    /// <summary>A request is done, on whatever thread that happens.</summary>
    internal void Complete(VirtioRequest request, int written)
    {
        if (Environment.CurrentManagedThreadId == _threadId)
        {
            Retire(request, written);
        }
        else
        {
            request.Written = written;
            PushCompleted(request);
        }
    }

    private void Retire(VirtioRequest request, int written)
    {
        Debug.Assert(written <= request.Writable.Length, "A reply longer than its room");
        if (_order is not { } order || request.Generation != _generation)
        {
            GiveBack(request, written);
            return;
        }
        request.Written = written;
        request.IsDone = true;
        while (order.TryTakeDone(out VirtioRequest? done))
        {
            GiveBack(done, done.Written);
        }
    }

    private void GiveBack(VirtioRequest request, int written)
    {
        // Of an earlier ring: the front end is gone, or was told that the queue stopped, so nobody waits for the answer.
        if (request.Generation == _generation)
        {
            _ring!.AddUsed(request, written);
            _unpublishedBytes += written;
            _outstanding--;
        }
        else
        {
            _abandoned--;
        }
        request.Lease!.Release();
        request.Lease = null;
        Return(request);
    }

    private void Publish()
    {
        _unpublishedBytes = 0;
        if (_ring is not { } ring)
        {
            return;
        }
        ring.Publish(out bool notify);
        if (notify && _call is { } call)
        {
            Counters.CountSignal();
            Libc.Signal(call.Number);
        }
    }

    /// <summary>The guest broke the rules of the ring: nothing of this device is served until it is reset.</summary>
    private void Break(string fault)
    {
        Publish();
        _options.Device.Break($"queue {Index}: {fault}");
        if (_error is { } error)
        {
            Libc.Signal(error.Number);
        }
    }

    // The pool is a stack: the request used last is the one in the CPU's cache. It grows to the most that were ever outstanding.
    private VirtioRequest Rent()
    {
        VirtioRequest? request = _pool;
        if (request is null)
        {
            return new VirtioRequest(this) { Counters = Counters };
        }
        _pool = request.Next;
        request.Next = null;
        return request;
    }

    private void Return(VirtioRequest request)
    {
        request.Readable.Clear();
        request.Writable.Clear();
        request.Next = _pool;
        _pool = request;
    }
}
