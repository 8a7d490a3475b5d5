using System.Collections.Concurrent;
using Kaleidofs.Diagnostics;
using Kaleidofs.Protocol;

namespace Kaleidofs.Engine;

/// <summary>One share's FUSE conversation with one kernel: negotiated state, dispatch, requests that wait.</summary>
/// <remarks>
/// What the guest sends is copied and checked by <see cref="FuseRequest.Load"/>; from there on only the copy counts.
/// An operation that completes at once is answered on the caller's thread, without allocating; another one is
/// answered when its task completes, on whatever thread that is, in any order.
/// </remarks>
internal sealed partial class FuseSession
{
    private readonly FileSystem _fileSystem;
    private readonly FileSystemInfo _info;
    private readonly FuseSessionOptions _options;
    private readonly DriverLog _log;
    private readonly HandleTable _handles;

    /// <summary>Requests whose driver has not answered yet, by their number, for INTERRUPT.</summary>
    private readonly ConcurrentDictionary<ulong, FuseRequest> _waiting = new();

    private readonly Allowance _copies;

    /// <summary>All that waits; of what has one number, <see cref="_waiting"/> has one.</summary>
    private int _waitingCount;

    private volatile NegotiatedState? _state;

    /// <summary>Counts resets, so that what was opened for a guest that went away meanwhile is known as such.</summary>
    private int _life;

    public FuseSession(FileSystem fileSystem, FuseSessionOptions options, DriverLog log)
    {
        _fileSystem = fileSystem;
        _info = fileSystem.Info;
        _options = options;
        _log = log;
        _handles = new HandleTable(options.MaxHandles);
        Counters = new SessionCounters(options.Trace);
        _copies = new Allowance(options.MaxCopied);
    }

    /// <summary>What is counted of this session's requests, whichever kernel they came from.</summary>
    public SessionCounters Counters { get; }

    /// <summary>What INIT settled; null before it.</summary>
    public NegotiatedState? State => _state;

    /// <summary>Serves one request. Any number of threads may call it at once, each with a request of its own. Never throws for what the request says.</summary>
    public void Dispatch(FuseRequest request)
    {
        Errno errno = request.Load(_copies);
        // Read before the state, which Reset changes before the life.
        request.Life = Volatile.Read(ref _life);
        request.StartClock();
        if (errno == Errno.None && _state is null && request.Header.Opcode != Opcode.Init)
        {
            errno = Errno.EIO;
        }
        else if (errno == Errno.None && Volatile.Read(ref _waitingCount) >= _options.MaxWaiting && MayBeRefused(request))
        {
            errno = Errno.EBUSY;
        }
        if (errno != Errno.None)
        {
            request.Reply(errno);
            return;
        }
        try
        {
            Serve(request);
        }
        catch (Exception exception)
        {
            Fault(request, exception);
        }
    }

    /// <summary>What ends something else is served however much waits: it makes room.</summary>
    private static bool MayBeRefused(FuseRequest request)
        => request.Info.HasReply && request.Header.Opcode is not (Opcode.Init or Opcode.Destroy or Opcode.Release or Opcode.ReleaseDir);

    /// <summary>
    /// The peer is gone or the device was reset: what waits is cancelled (it still completes), what was left open is
    /// released, and the next request must be INIT. Call it when no request is being dispatched.
    /// </summary>
    public void Reset()
    {
        _state = null;
        Interlocked.Increment(ref _life);
        CancelWaiting();
        foreach (OpenHandle handle in _handles.RemoveAll())
        {
            _ = ReleaseAbandonedAsync(handle);
        }
    }

    /// <summary>Cancels what waits (it still completes); the conversation goes on. For a transport that must pause and cannot wait for ever.</summary>
    public void CancelWaiting()
    {
        foreach ((ulong unique, FuseRequest request) in _waiting)
        {
            request.Interrupt(unique);
        }
    }

    private void Serve(FuseRequest request)
    {
        switch (request.Header.Opcode)
        {
            case Opcode.Lookup: Lookup(request); break;
            case Opcode.GetAttr: GetAttributes(request); break;
            case Opcode.Read: Read(request); break;
            case Opcode.ReadDirPlus: List(request, plus: true); break;
            case Opcode.ReadDir: List(request, plus: false); break;
            case Opcode.Forget: Forget(request); break;
            case Opcode.BatchForget: BatchForget(request); break;
            case Opcode.Open: Open(request); break;
            case Opcode.Release: Release(request, isDirectory: false); break;
            case Opcode.Flush: Flush(request); break;
            case Opcode.OpenDir: OpenDirectory(request); break;
            case Opcode.ReleaseDir: Release(request, isDirectory: true); break;
            case Opcode.ReadLink: ReadLink(request); break;
            case Opcode.StatX: GetExtendedStatus(request); break;
            case Opcode.StatFs: GetStatistics(request); break;
            case Opcode.Access: Access(request); break;
            case Opcode.GetXAttr: GetExtendedAttribute(request); break;
            case Opcode.ListXAttr: ListExtendedAttributes(request); break;
            case Opcode.LSeek: Seek(request); break;
            case Opcode.Init: Initialize(request); break;
            case Opcode.Destroy: Destroy(request); break;
            case Opcode.Interrupt: Interrupt(request); break;
            default: ServeWriting(request); break;
        }
    }

    private void Interrupt(FuseRequest request)
    {
        ulong unique = request.Body<InterruptIn>().Unique;
        if (_waiting.TryGetValue(unique, out FuseRequest? waiting))
        {
            waiting.Interrupt(unique);
            request.Reply(Errno.None);
        }
        else
        {
            // Another thread may have taken the request and not come to wait yet: EAGAIN has the kernel ask again
            // for as long as it has no answer to the request itself.
            request.ReplyAlways(Errno.EAGAIN);
        }
    }

    /// <summary>Writes an operation's answer. Results are large structs: they go by reference.</summary>
    private delegate void Reply<T>(FuseSession session, FuseRequest request, in T result);

    /// <summary>Answers now if the operation has completed, and otherwise when it does.</summary>
    private void Finish<T>(FuseRequest request, in ValueTask<T> operation, Reply<T> reply)
    {
        if (operation.IsCompletedSuccessfully)
        {
            T result = operation.Result;
            reply(this, request, in result);
        }
        else
        {
            _ = FinishLaterAsync(request, operation, reply);
        }
    }

    private async Task FinishLaterAsync<T>(FuseRequest request, ValueTask<T> operation, Reply<T> reply)
    {
        KeyValuePair<ulong, FuseRequest> waiting = new(request.Header.Unique, request);
        request.BeginWaiting();
        Interlocked.Increment(ref _waitingCount);
        _waiting.AddOrUpdate(waiting.Key, static (_, added) => added, Displace, request);
        try
        {
            T result;
            try
            {
                result = await operation.ConfigureAwait(false);
            }
            finally
            {
                _waiting.TryRemove(waiting);
                Interlocked.Decrement(ref _waitingCount);
            }
            reply(this, request, in result);
        }
        catch (Exception exception)
        {
            Fault(request, exception);
        }
    }

    /// <summary>Two requests of one number, which no kernel sends: the earlier could not be cancelled later on.</summary>
    private static readonly Func<ulong, FuseRequest, FuseRequest, FuseRequest> Displace = static (unique, earlier, added) =>
    {
        earlier.Interrupt(unique);
        return added;
    };

    private void Finish(FuseRequest request, in ValueTask<Errno> operation)
        => Finish(request, in operation, static (_, request, in errno) => request.Reply(errno));

    /// <summary>The one place where an exception becomes an errno.</summary>
    private void Fault(FuseRequest request, Exception exception)
    {
        if (request.Header.Opcode is Opcode.Open or Opcode.OpenDir or Opcode.Create or Opcode.TmpFile)
        {
            CancelReservation();
        }
        if (exception is not OperationCanceledException)
        {
            _log.Error($"{request.Header.Opcode} of inode {request.Header.NodeId} failed: {exception.Message}", exception);
        }
        request.Reply(exception is OperationCanceledException ? Errno.EINTR : Errno.EIO);
    }
}
