using Kaleidofs.Host.Linux;

namespace Kaleidofs.Host.DevFuse.Uring;

/// <summary>Waiting for requests, being woken for answers that other threads have, and ending.</summary>
internal sealed partial class UringWorker
{
    /// <summary>The watch on <see cref="_wake"/>, among the numbers of entries.</summary>
    private const ulong WakeData = ulong.MaxValue;

    /// <summary>Replies below this leave little behind.</summary>
    private const int TrimBytes = 64 << 10;

    private const int TrimMilliseconds = 1000;
    private const int StopMilliseconds = 2000;
    private const int StopPollMilliseconds = 50;

    private readonly Lock _closeGate = new();

    // Watched edge-triggered, so it is never read: a write is an event, whatever the counter was before.
    private readonly FileDescriptor _wake;
    private UringEntry? _completed;
    private int _parked;
    private bool _isTouched;
    private bool _isClosed;
    private bool _isStopping;
    private long _stopDeadline;

    /// <summary>Ends the thread, once the kernel has given back what was lent to it; it does so when the connection ends.</summary>
    public void Stop()
    {
        _stopDeadline = Environment.TickCount64 + StopMilliseconds;
        Volatile.Write(ref _isStopping, true);
        Signal();
    }

    /// <summary>Pushes an answered request (a Treiber stack with one taker, who takes all, so there is no ABA) and wakes the thread if it is parked.</summary>
    private void PushCompleted(UringEntry entry)
    {
        UringEntry? top = Volatile.Read(ref _completed);
        while (true)
        {
            entry.Next = top;
            UringEntry? seen = Interlocked.CompareExchange(ref _completed, entry, top);
            if (seen == top)
            {
                break;
            }
            top = seen;
        }
        // The exchange above is the full fence between push and look; the thread stores _parked, fences, and looks at
        // the list. One of the two sees the other. One waker is enough; the others find 0 here.
        if (Volatile.Read(ref _parked) != 0 && Interlocked.Exchange(ref _parked, 0) != 0)
        {
            Signal();
        }
    }

    private void Signal()
    {
        lock (_closeGate)
        {
            if (!_isClosed)
            {
                Libc.Signal(_wake.Number);
            }
        }
    }

    /// <summary>Commits what other threads answered.</summary>
    private void Reap()
    {
        if (Volatile.Read(ref _completed) is null)
        {
            return;
        }
        UringEntry? entry = Interlocked.Exchange(ref _completed, null);
        while (entry is not null)
        {
            UringEntry? next = entry.Next;
            entry.Next = null;
            Commit(entry);
            entry = next;
        }
    }

    /// <summary>Submits what there is, and sleeps until a request or an answer comes.</summary>
    private void Wait()
    {
        _unsubmittedBytes = 0;
        bool isStopping = Volatile.Read(ref _isStopping);
        Volatile.Write(ref _parked, 1);
        // Full fence: _parked is visible before the last look; see PushCompleted. A stop writes to _wake in any case.
        Interlocked.MemoryBarrier();
        bool wait = Volatile.Read(ref _completed) is null;
        bool inTime = _ring.Enter(wait, isStopping ? StopPollMilliseconds : _isTouched ? TrimMilliseconds : -1);
        Volatile.Write(ref _parked, 0);
        if (!inTime && !isStopping)
        {
            Trim();
        }
    }

    /// <summary>
    /// Gives back the memory of large payloads after a quiet while. No completion is there, and the kernel writes to
    /// what it was lent only within <see cref="IoUring.Enter"/>: nothing can be lost but what an answer left behind.
    /// </summary>
    private void Trim()
    {
        _isTouched = false;
        foreach (UringQueue queue in _queues)
        {
            if (queue.Waiting == 0)
            {
                queue.Trim();
            }
        }
    }

    private bool HasEnded()
        => Volatile.Read(ref _isStopping) && (_lent == 0 || Environment.TickCount64 > _stopDeadline);

    private void Close()
    {
        lock (_closeGate)
        {
            _isClosed = true;
            _wake.Dispose();
        }
    }
}
