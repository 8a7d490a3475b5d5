using System.Globalization;
using System.Runtime.InteropServices;
using Kaleidofs.Engine;
using Kaleidofs.Host.Linux;
using Kaleidofs.Protocol;

namespace Kaleidofs.Host.DevFuse;

/// <summary>
/// One descriptor of /dev/fuse with the thread that reads it. The kernel takes a reply only on the descriptor that
/// its request was read from, so a request belongs to one channel for life.
/// </summary>
/// <remarks>
/// A request that completes at once goes back into <see cref="_spare"/> and is used for the next read: one request
/// object, and no lock, while nothing waits. What waits takes its object along; others are made or taken from the pool.
/// </remarks>
internal sealed class DevFuseChannel : FuseThread
{
    /// <summary>How many idle requests are kept beyond the one in use.</summary>
    private const int MaxPooled = 16;

    /// <summary>How often an INTERRUPT is repeated whose request nobody has (after 1, 4, 16 and 64 ms): it may be on the way.</summary>
    private const int MostRepeats = 4;

    private readonly FuseSession _session;
    private readonly IReadOnlyList<FuseThread> _peers;
    private readonly FileDescriptor _device;
    private readonly int _descriptor;
    private readonly int _maxPayload;
    private readonly Lock _lock = new();
    private readonly Stack<DevFuseRequest> _pool = new();
    private readonly HashSet<DevFuseRequest> _all = [];
    private DevFuseRequest? _spare;

    /// <param name="session">Where requests go.</param>
    /// <param name="peers">All threads of the mount.</param>
    /// <param name="device">The device; the channel's from now on.</param>
    /// <param name="maxPayload">The longest READ or WRITE in bytes.</param>
    /// <param name="number">The thread's number.</param>
    /// <param name="log">Where failures are told.</param>
    public DevFuseChannel(FuseSession session, IReadOnlyList<FuseThread> peers, FileDescriptor device, int maxPayload, int number, DriverLog log)
        : base(session, number, string.Create(CultureInfo.InvariantCulture, $"fuse-{number}"), log)
    {
        _session = session;
        _peers = peers;
        _device = device;
        _descriptor = device.Number;
        _maxPayload = maxPayload;
    }

    /// <inheritdoc/>
    public override int InFlight
    {
        get
        {
            lock (_lock)
            {
                return _all.Count(request => request.IsInFlight);
            }
        }
    }

    /// <inheritdoc/>
    public override bool Holds(ulong unique)
    {
        lock (_lock)
        {
            return _all.Any(request => request.IsInFlight && request.Header.Unique == unique);
        }
    }

    /// <summary>
    /// Serves an INTERRUPT whose request was not found once more, a little later: the thread that has it may not have
    /// come to it. The kernel would repeat the INTERRUPT itself if asked to (EAGAIN), but only on the descriptor that
    /// the request was read from, and never for a ring.
    /// </summary>
    public bool TryRepeat(DevFuseRequest interrupt)
    {
        ulong unique = interrupt.Body<InterruptIn>().Unique;
        if (interrupt.Repeats >= MostRepeats && !_peers.Any(thread => thread.Holds(unique)))
        {
            return false;
        }
        _ = RepeatAsync(interrupt, TimeSpan.FromMilliseconds(1 << (2 * Math.Min(interrupt.Repeats++, MostRepeats - 1))));
        return true;
    }

    /// <summary>Sends a reply.</summary>
    public void Reply(nint buffer, int length)
    {
        while (Libc.Write(_descriptor, buffer, length) < 0)
        {
            int errno = Marshal.GetLastPInvokeError();
            if (errno == Libc.EINTR)
            {
                continue;
            }
            // ENOENT: the request was interrupted and its caller is gone. ENODEV: unmounted meanwhile.
            if (errno is not (Libc.ENOENT or Libc.ENODEV or Libc.ECONNABORTED))
            {
                Log.Error($"cannot reply to the kernel: {Marshal.GetPInvokeErrorMessage(errno)}");
            }
            break;
        }
    }

    /// <summary>Takes back a request that completed, from any thread.</summary>
    public void Return(DevFuseRequest request)
    {
        if (Interlocked.CompareExchange(ref _spare, request, null) is null)
        {
            return;
        }
        lock (_lock)
        {
            if (_pool.Count < MaxPooled)
            {
                _pool.Push(request);
                return;
            }
            _all.Remove(request);
        }
        request.Dispose();
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        foreach (DevFuseRequest request in _all)
        {
            request.Dispose();
        }
        _all.Clear();
        _device.Dispose();
    }

    /// <summary>Serves one request on the calling thread, before <see cref="FuseThread.Start"/>; false if there will be none.</summary>
    public bool ServeOne()
    {
        DevFuseRequest request = Rent();
        if (!Read(request))
        {
            Return(request);
            return false;
        }
        _session.Dispatch(request);
        return true;
    }

    /// <inheritdoc/>
    protected override void Serve()
    {
        while (ServeOne())
        {
        }
    }

    private async Task RepeatAsync(DevFuseRequest request, TimeSpan delay)
    {
        await Task.Delay(delay).ConfigureAwait(false);
        _session.Dispatch(request);
    }

    private bool Read(DevFuseRequest request)
    {
        while (true)
        {
            nint length = Libc.Read(_descriptor, request.Buffer, request.BufferSize);
            if (length > 0)
            {
                request.Receive((int)length);
                return true;
            }
            int errno = length == 0 ? Libc.ENODEV : Marshal.GetLastPInvokeError();
            // ENOENT: the request was interrupted before it could be read.
            if (errno is Libc.EINTR or Libc.EAGAIN or Libc.ENOENT)
            {
                continue;
            }
            if (errno is not (Libc.ENODEV or Libc.ECONNABORTED))
            {
                Log.Error($"cannot read from /dev/fuse: {Marshal.GetPInvokeErrorMessage(errno)}");
            }
            return false;
        }
    }

    private DevFuseRequest Rent()
    {
        DevFuseRequest? request = Interlocked.Exchange(ref _spare, null);
        if (request is not null)
        {
            return request;
        }
        lock (_lock)
        {
            if (_pool.TryPop(out request))
            {
                return request;
            }
            request = new DevFuseRequest(this, _maxPayload);
            _all.Add(request);
            return request;
        }
    }
}
