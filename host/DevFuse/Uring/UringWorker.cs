using System.Globalization;
using System.Runtime.InteropServices;
using Kaleidofs.Engine;
using Kaleidofs.Host.Linux;

namespace Kaleidofs.Host.DevFuse.Uring;

/// <summary>
/// One thread and its io_uring, which serve the queues of some CPUs on one of these. Requests come as completions;
/// a reply and the wish for the next request are one submission; a batch of them is one system call.
/// </summary>
/// <remarks>
/// The thread alone touches the ring. What completes on other threads is pushed on a list, which the thread takes
/// whole, and an eventfd that the ring watches wakes it.
/// </remarks>
internal sealed partial class UringWorker : FuseThread
{
    /// <summary>A batch that has written this much is submitted before the next request is served, so that its callers can go on.</summary>
    private const int SubmitBytes = 128 << 10;

    private readonly FuseSession _session;
    private readonly IoUring _ring;
    private readonly FileDescriptor _device;
    private readonly UringQueue[] _queues;
    private readonly int _depth;
    private readonly TaskCompletionSource<string?> _registered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _threadId;

    // Written by the thread alone; a new array each time it grows, since others count what is in flight.
    private UringEntry[] _entries = [];
    private int _lent;
    private int _unsubmittedBytes;
    private string? _refusal;
    private bool _isConnected = true;

    /// <param name="session">Where requests go.</param>
    /// <param name="ring">The worker's from now on.</param>
    /// <param name="device">The connection; it stays the caller's, and open.</param>
    /// <param name="queues">The queues that are served here; the worker's from now on.</param>
    /// <param name="depth">How many entries each begins with.</param>
    /// <param name="index">The worker's number among the mount's.</param>
    /// <param name="log">Where failures are told.</param>
    public UringWorker(FuseSession session, IoUring ring, FileDescriptor device, UringQueue[] queues, int depth, int index, DriverLog log)
        : base(session, index + 1, string.Create(CultureInfo.InvariantCulture, $"fuse-uring-{index}"), log)
    {
        _session = session;
        _ring = ring;
        _device = device;
        _queues = queues;
        _depth = depth;
        _wake = Libc.CreateEventFd();
    }

    /// <summary>The kernel knows all entries, and sends requests once it knows those of every worker. Otherwise the result says what it refused.</summary>
    public Task<string?> Registered => _registered.Task;

    /// <inheritdoc/>
    public override int InFlight => Volatile.Read(ref _entries).Count(entry => entry.IsActive);

    /// <inheritdoc/>
    public override bool Holds(ulong unique) => Array.Exists(Volatile.Read(ref _entries), entry => entry.IsActive && entry.Header.Unique == unique);

    /// <inheritdoc/>
    public override void Dispose()
    {
        _ring.Dispose();
        _wake.Dispose();
        foreach (UringQueue queue in _queues)
        {
            queue.Dispose();
        }
    }

    /// <summary>A request is done, on whatever thread that happens.</summary>
    public void Complete(UringEntry entry)
    {
        if (Environment.CurrentManagedThreadId == _threadId)
        {
            Commit(entry);
        }
        else
        {
            PushCompleted(entry);
        }
    }

    /// <inheritdoc/>
    protected override void Serve()
    {
        Volatile.Write(ref _threadId, Environment.CurrentManagedThreadId);
        try
        {
            Register();
            _registered.SetResult(_refusal);
            while (!HasEnded())
            {
                Reap();
                Wait();
                TakeCompletions();
            }
        }
        catch (Exception failure) when (_registered.TrySetResult(failure.Message))
        {
            // Who waits for the registration deals with it.
        }
        finally
        {
            // The kernel must not be left waiting for a thread that is gone.
            _ring.Dispose();
            Close();
        }
    }

    private void Register()
    {
        _ring.Enable(_device);
        _ = Libc.TryPinThread([.. _queues.Select(queue => (int)queue.Number)]);
        _ring.SubmitWatch(_wake, WakeData);
        foreach (UringQueue queue in _queues)
        {
            Add(queue, _depth);
        }
        _ring.Enter(wait: false);
        // A refusal is there at once; what was accepted completes with the first request.
        TakeCompletions();
    }

    private void Add(UringQueue queue, int count)
    {
        UringEntry[] added = queue.Add(this, _entries.Length, count);
        Volatile.Write(ref _entries, [.. _entries, .. added]);
        foreach (UringEntry entry in added)
        {
            _ring.SubmitCommand(UringCommands.Register, (ulong)entry.Index, new UringCommand { Queue = queue.Number }, entry.Vectors, UringEntry.VectorCount);
        }
        _lent += count;
    }

    private void Grow(UringQueue queue)
    {
        try
        {
            Add(queue, Math.Min(queue.Count, queue.MaxCount - queue.Count));
        }
        catch (IOException)
        {
            // No memory for more: those that are there must do.
            queue.MaxCount = queue.Count;
        }
    }

    private void TakeCompletions()
    {
        while (_ring.TryComplete(out Libc.UringCompletion completion))
        {
            if (completion.UserData == WakeData)
            {
                if (!IoUring.HasMore(completion))
                {
                    _ring.SubmitWatch(_wake, WakeData);
                }
                continue;
            }
            _lent--;
            if (completion.Result == 0)
            {
                Dispatch(_entries[(int)completion.UserData]);
            }
            else
            {
                Lose(completion.Result);
            }
        }
    }

    private void Dispatch(UringEntry entry)
    {
        entry.Receive();
        _session.Dispatch(entry);
        if (entry.IsHeld)
        {
            UringQueue queue = entry.Queue;
            entry.IsWaiting = true;
            queue.Waiting++;
            if (queue.IsShort)
            {
                Grow(queue);
            }
        }
        if (_unsubmittedBytes >= SubmitBytes)
        {
            _unsubmittedBytes = 0;
            _ring.Enter(wait: false);
        }
    }

    /// <summary>Puts an answer into the ring. On the ring's thread.</summary>
    private void Commit(UringEntry entry)
    {
        if (entry.IsWaiting)
        {
            entry.IsWaiting = false;
            entry.Queue.Waiting--;
        }
        UringCommand command = entry.Commit();
        _unsubmittedBytes += entry.Written;
        _isTouched |= entry.Written > TrimBytes;
        if (_isConnected)
        {
            _ring.SubmitCommand(UringCommands.CommitAndFetch, (ulong)entry.Index, command);
            _lent++;
        }
    }

    /// <summary>The kernel gave an entry back without a request, for good.</summary>
    private void Lose(int result)
    {
        // ENOTCONN: unmounted, or the connection was aborted; ECONNABORTED by the control filesystem.
        if (result is -Libc.ENOTCONN or -Libc.ECONNABORTED)
        {
            _isConnected = false;
            return;
        }
        string message = Marshal.GetPInvokeErrorMessage(-result);
        if (_registered.Task.IsCompleted)
        {
            Log.Error($"io_uring: an entry of /dev/fuse is lost: {message}");
        }
        else
        {
            _refusal ??= message;
        }
    }
}
