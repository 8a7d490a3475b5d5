using Kaleidofs.Engine;
using Kaleidofs.Host.Linux;

namespace Kaleidofs.Host.VhostUser;

/// <summary>Serves one share on one listening socket: one front end at a time, and after it the next.</summary>
/// <remarks>Its own thread does all that concerns the socket; the queues have theirs.</remarks>
internal sealed class VhostUserServer
{
    private const int NoPeer = -1;

    private readonly VhostUserListener _listener;
    private readonly VhostUserDeviceOptions _options;
    private readonly VhostUserConnection _connection;
    private readonly DriverLog _log;
    private volatile int _peer = NoPeer;

    /// <param name="listener">The socket, which becomes the server's: it is closed and its path removed when the server stops.</param>
    /// <param name="session">The share's session; the caller's, and still to be disposed of by it after the server has stopped.</param>
    /// <param name="options">What the user asked for.</param>
    /// <param name="log">Where to say what an operator should know.</param>
    public VhostUserServer(VhostUserListener listener, FuseSession session, VhostUserDeviceOptions options, DriverLog log)
    {
        _listener = listener;
        _options = options;
        _connection = new VhostUserConnection(session, options, log);
        _log = log;
    }

    /// <summary>The process id of the front end that is connected, 0 if it is another namespace's; null if there is none.</summary>
    public int? Peer => _peer is var peer and not NoPeer ? peer : null;

    /// <summary>Serves until cancelled; then takes no more requests, lets those in flight finish, and closes everything.</summary>
    /// <returns>A task that ends without error once the server has stopped, or with what made it impossible to go on.</returns>
    public Task RunAsync(CancellationToken cancellationToken)
    {
        TaskCompletionSource stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Thread thread = new(() => Run(stopped, cancellationToken), maxStackSize: 512 << 10) { IsBackground = true, Name = _options.Name };
        thread.UnsafeStart();
        return stopped.Task;
    }

    private void Run(TaskCompletionSource stopped, CancellationToken cancellationToken)
    {
        try
        {
            ServeUntil(cancellationToken);
        }
        catch (Exception failure)
        {
            _log.Error($"the vhost-user server failed: {failure.Message}", failure);
            stopped.SetException(failure);
            return;
        }
        // Only now: whoever waits for it may take the socket's place.
        stopped.SetResult();
    }

    private void ServeUntil(CancellationToken cancellationToken)
    {
        using VhostUserListener listener = _listener;
        using FileDescriptor stop = Libc.CreateEventFd();
        // Never read again: once signalled it ends every wait of the server's thread.
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(static state => Libc.Signal(((FileDescriptor)state!).Number), stop);
        while (Accept(stop) is { } socket)
        {
            Serve(socket, stop);
        }
    }

    /// <summary>Serves one front end to its end. What fails (no descriptor left for a queue, say) ends its connection; the next one is accepted.</summary>
    private void Serve(FileDescriptor socket, FileDescriptor stop)
    {
        try
        {
            _peer = Libc.PeerProcess(socket.Number);
            _connection.Run(socket, stop);
        }
        catch (Exception failure)
        {
            _log.Error($"the vhost-user connection failed: {failure.Message}", failure);
        }
        finally
        {
            _peer = NoPeer;
        }
    }

    /// <summary>Waits for a front end; null when the server stops.</summary>
    private FileDescriptor? Accept(FileDescriptor stop)
    {
        while (true)
        {
            bool isReadable = Libc.WaitReadable(_listener.Socket, stop, out bool isStopped);
            if (isStopped)
            {
                return null;
            }
            if (!isReadable)
            {
                throw new IOException($"poll: {Libc.LastError()}");
            }
            int fd = Libc.Accept(_listener.Socket.Number);
            if (fd >= 0)
            {
                return new FileDescriptor(fd);
            }
            // A front end that went away again is no reason to stop; no descriptors left may pass.
            _log.Warning($"a front end could not be accepted: {Libc.LastError()}");
            _ = Libc.WaitReadable(stop, milliseconds: 100);
        }
    }
}
