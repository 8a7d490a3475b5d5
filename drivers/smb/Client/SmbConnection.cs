using System.Net.Sockets;
using Kaleidofs.Drivers.Smb.Client.Wire;

namespace Kaleidofs.Drivers.Smb.Client;

/// <summary>
/// One TCP connection to a server: any number of requests under way at once, as far as the server's credits go, answered in any order. Once it
/// has failed it stays so: all that waits is told, and the next connection is another object.
/// </summary>
internal sealed partial class SmbConnection : IAsyncDisposable
{
    /// <summary>So many requests are asked to be allowed at once.</summary>
    private const int WantedCredits = 512;

    private const string StuckReason = "the server does not allow as much at once as a request needs";

    private readonly Socket _socket;
    private readonly TimeSpan _timeout;
    private readonly CancellationTokenSource _ending = new();
    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, PendingRequest> _pending = [];
    private readonly LinkedList<(int Charge, TaskCompletionSource<bool> Granted)> _waiting = [];
    private Task _receiving = Task.CompletedTask;
    private Task _watching = Task.CompletedTask;
    private ulong _nextMessageId;
    private int _credits = 1;
    private int _owed;
    /// <summary>How many of the pending wait at the server for something that need not come.</summary>
    private int _resting;
    private bool _isDisposed;
    /// <summary>Whether an answer's content is on its way into the caller's memory: its request waits no more, and it is waited for all the same.</summary>
    private bool _isFilling;
    private long _lastHeard = Environment.TickCount64;

    private SmbConnection(Socket socket, TimeSpan timeout)
    {
        _socket = socket;
        _timeout = timeout;
    }

    /// <summary>Why the connection can no longer be used, or null.</summary>
    public string? Failure { get; private set; }

    /// <summary>Cancelled when the connection can no longer be used.</summary>
    public CancellationToken Ended => _ending.Token;

    public bool IsUsable => Failure is null;

    /// <summary>Set once a session is there; nothing is under way then.</summary>
    public SessionSecurity Security { get; set; } = SessionSecurity.None;

    /// <summary>No message of the server's may be longer; grows once it is known what it sends.</summary>
    public int MaxMessageSize { get; set; } = 64 << 10;

    /// <summary>Whether the server takes requests of more than one credit.</summary>
    public bool HasLargeRequests { get; set; }

    /// <exception cref="SocketException">It cannot be reached.</exception>
    /// <exception cref="OperationCanceledException">Not in time.</exception>
    public static async Task<SmbConnection> OpenAsync(string host, int port, TimeSpan timeout, CancellationToken cancellationToken)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(timeout);
            await socket.ConnectAsync(host, port, limit.Token).ConfigureAwait(false);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
        SmbConnection connection = new(socket, timeout);
        connection._receiving = Task.Run(connection.ReceiveAllAsync, CancellationToken.None);
        connection._watching = connection.WatchAsync();
        return connection;
    }

    public async ValueTask DisposeAsync()
    {
        Fail("closed here");
        await _receiving.ConfigureAwait(false);
        await _watching.ConfigureAwait(false);
        if (Interlocked.Exchange(ref _isDisposed, true))
        {
            return;
        }
        _socket.Dispose();
        _ending.Dispose();
    }

    /// <summary>Sends one request, and waits for its answer.</summary>
    public async Task<Response> CallAsync(RequestMessage message, CancellationToken cancellationToken = default)
    {
        PendingRequest request = message.Requests[0].Request;
        await SendAsync(message, cancellationToken).ConfigureAwait(false);
        if (!cancellationToken.CanBeCanceled || request.Response.IsCompleted)
        {
            return await request.Response.ConfigureAwait(false);
        }
        await using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(_ => Cancel(request), null);
        return await request.Response.ConfigureAwait(false);
    }

    /// <summary>Sends a message once the server's credits allow it. Its requests are answered, whatever happens.</summary>
    public async ValueTask SendAsync(RequestMessage message, CancellationToken cancellationToken = default)
    {
        if (!await TakeCreditsAsync(message.CreditCharge, cancellationToken).ConfigureAwait(false))
        {
            NtStatus status = cancellationToken.IsCancellationRequested && IsUsable ? NtStatus.Cancelled : NtStatus.ConnectionDisconnected;
            foreach ((PendingRequest request, _) in message.Requests)
            {
                request.Complete(Response.Failed(status));
            }
            message.Release();
            return;
        }
        Enqueue(message);
    }

    /// <summary>Nobody wants the answer any more: who waits goes on at once, and the server is told.</summary>
    private void Cancel(PendingRequest request)
    {
        if (!request.TryAbandon())
        {
            return;
        }
        RequestMessage message = new();
        message.Add(new PendingRequest(Command.Cancel, 0), 0, 4)[0] = 4;
        Span<byte> header = message.GetPart(0);
        Smb2Header.SetMessageId(header, request.MessageId);
        if (request.AsyncId != 0)
        {
            Smb2Header.SetAsyncId(header, request.AsyncId);
        }
        Seal(message);
        Push(message);
    }

    private async ValueTask<bool> TakeCreditsAsync(int charge, CancellationToken cancellationToken)
    {
        TaskCompletionSource<bool> granted;
        LinkedListNode<(int Charge, TaskCompletionSource<bool> Granted)> node;
        bool isStuck;
        lock (_lock)
        {
            if (!IsUsable)
            {
                return false;
            }
            if (_waiting.Count == 0 && _credits >= charge)
            {
                _credits -= charge;
                _owed += charge;
                return true;
            }
            granted = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            node = _waiting.AddLast((charge, granted));
            isStuck = IsStuck;
        }
        if (isStuck)
        {
            Fail(StuckReason);
        }
        await using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
            _ =>
            {
                lock (_lock)
                {
                    if (node.List is null)
                    {
                        return;
                    }
                    _waiting.Remove(node);
                }
                granted.TrySetResult(false);
            },
            null);
        return await granted.Task.ConfigureAwait(false);
    }

    /// <summary>Whether nothing more could be asked, and nothing will come that allows it; under the lock.</summary>
    private bool IsStuck => _pending.Count == _resting && !_isFilling && _owed == 0 && (_credits == 0 || _waiting.Count > 0);

    /// <summary>Takes over the credits of an answer, under the lock.</summary>
    private void AddCredits(int credits)
    {
        _credits = Math.Min(_credits + credits, ushort.MaxValue);
        while (_waiting.First is { } first && _credits >= first.Value.Charge)
        {
            _waiting.RemoveFirst();
            _credits -= first.Value.Charge;
            _owed += first.Value.Charge;
            first.Value.Granted.TrySetResult(true);
        }
    }

    /// <summary>Ends the connection for all.</summary>
    private void Fail(string reason)
    {
        List<PendingRequest> pending;
        List<TaskCompletionSource<bool>> waiting;
        lock (_lock)
        {
            if (Failure is not null)
            {
                return;
            }
            Failure = reason;
            pending = [.. _pending.Values];
            waiting = [.. _waiting.Select(entry => entry.Granted)];
            _pending.Clear();
            _waiting.Clear();
        }
        _ending.Cancel();
        _socket.Close();
        foreach (PendingRequest request in pending)
        {
            request.Complete(Response.Failed(NtStatus.ConnectionDisconnected));
        }
        foreach (TaskCompletionSource<bool> granted in waiting)
        {
            granted.TrySetResult(false);
        }
    }

    /// <summary>Ends a connection on which nothing has come for long though something is awaited.</summary>
    private async Task WatchAsync()
    {
        using PeriodicTimer timer = new(_timeout / 8);
        try
        {
            while (await timer.WaitForNextTickAsync(_ending.Token).ConfigureAwait(false))
            {
                long now = Environment.TickCount64;
                bool isSilent;
                lock (_lock)
                {
                    isSilent = (_isFilling || _pending.Values.Any(request => !request.IsPatient && now - request.SentAt > _timeout.TotalMilliseconds)) && now - _lastHeard > _timeout.TotalMilliseconds;
                }
                if (isSilent)
                {
                    Fail($"no answer within {_timeout.TotalSeconds:0} s");
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
    }
}
