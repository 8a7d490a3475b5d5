using System.Diagnostics;
using Kaleidofs.Host.Linux;

namespace Kaleidofs.Host.Virtio;

/// <summary>Waiting for work: spinning if asked, then parked; and being woken.</summary>
internal sealed unsafe partial class QueueWorker
{
    private const int PolledParkMilliseconds = 1;

    // Both are watched edge-triggered, so they are never read: a write is an event, whatever the counter was before.
    private readonly FileDescriptor _epoll;
    private readonly FileDescriptor _wake;
    private VirtioRequest? _completed;
    private int _parked;

    /// <summary>Pushes a completed request (a Treiber stack with one taker, who takes all, so there is no ABA) and wakes the thread if it is parked.</summary>
    private void PushCompleted(VirtioRequest request)
    {
        VirtioRequest? top = Volatile.Read(ref _completed);
        while (true)
        {
            request.Next = top;
            VirtioRequest? seen = Interlocked.CompareExchange(ref _completed, request, top);
            if (seen == top)
            {
                break;
            }
            top = seen;
        }
        // From here on the request is the queue's again, and so may be the whole worker's end: only _parked is
        // looked at, and Wake takes the gate. The exchange above is the full fence between push and look; the
        // thread stores _parked, fences, and looks at the list. One of the two sees the other.
        if (Volatile.Read(ref _parked) != 0)
        {
            Wake();
        }
    }

    private void Wake()
    {
        // One waker is enough; the others find 0 here.
        if (Interlocked.Exchange(ref _parked, 0) == 0)
        {
            return;
        }
        lock (_commandGate)
        {
            if (_closed)
            {
                ReapClosed();
            }
            else
            {
                Libc.Signal(_wake.Number);
            }
        }
    }

    /// <summary>The queue's thread is gone: who completes a request retires it, under the gate, so that what it kept mapped is unmapped.</summary>
    private void ReapClosed()
    {
        // As a parked thread has it: who pushes after this look finds it set, and comes here.
        Volatile.Write(ref _parked, 1);
        Interlocked.MemoryBarrier();
        Reap();
    }

    /// <summary>Retires what other threads completed.</summary>
    private bool Reap()
    {
        if (Volatile.Read(ref _completed) is null)
        {
            return false;
        }
        VirtioRequest? request = Interlocked.Exchange(ref _completed, null);
        while (request is not null)
        {
            VirtioRequest? next = request.Next;
            Retire(request, request.Written);
            request = next;
        }
        return true;
    }

    /// <summary>Nothing to do: spin a while if asked, then park.</summary>
    private void Idle()
    {
        if (_drained is not null && _outstanding == 0)
        {
            _drained.Set();
            _drained = null;
        }
        if (_options.PollMicroseconds > 0 && Spin())
        {
            return;
        }
        Park();
    }

    private bool Spin()
    {
        long end = Stopwatch.GetTimestamp() + _options.PollMicroseconds * (Stopwatch.Frequency / 1_000_000);
        do
        {
            if (HasWork())
            {
                return true;
            }
            Thread.SpinWait(8);
        }
        while (Stopwatch.GetTimestamp() < end);
        return false;
    }

    private void Park()
    {
        Ring? ring = CanTake() ? _ring : null;
        ring?.EnableKicks();
        Volatile.Write(ref _parked, 1);
        // Full fence: the wish for a kick and _parked are visible before the last look. Guests and completing
        // threads store their work, fence, and then look at these; so no work is left with nobody woken.
        Interlocked.MemoryBarrier();
        if (!HasWork())
        {
            // A front end that has no kick descriptor is polled.
            Counters.CountSleep();
            int timeout = ring is not null && _configuration!.Kick is null ? PolledParkMilliseconds : -1;
            Libc.EpollEvent woken;
            _ = Libc.EpollWait(_epoll.Number, &woken, 1, timeout);
        }
        Volatile.Write(ref _parked, 0);
        ring?.DisableKicks();
    }

    private bool CanTake() => _enabled && !_options.Device.IsBroken && _outstanding < _options.Quota.Share;

    private bool HasWork()
        => Volatile.Read(ref _completed) is not null || Volatile.Read(ref _hasCommands)
            || (CanTake() && _ring is { HasAvailable: true });

    private void Watch(FileDescriptor descriptor)
    {
        Libc.EpollEvent interest = new() { Events = Libc.EPOLLIN | Libc.EPOLLET };
        if (Libc.EpollControl(_epoll.Number, Libc.EPOLL_CTL_ADD, descriptor.Number, &interest) != 0)
        {
            throw new IOException($"epoll_ctl: {Libc.LastError()}");
        }
    }

    private void Unwatch(FileDescriptor descriptor)
        => _ = Libc.EpollControl(_epoll.Number, Libc.EPOLL_CTL_DEL, descriptor.Number, null);
}
