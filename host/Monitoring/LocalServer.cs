using System.Net;
using System.Net.Sockets;
using Kaleidofs.Host.VhostUser;

namespace Kaleidofs.Host.Monitoring;

/// <summary>A listening socket of this machine whose clients ask one thing, get one answer, and go.</summary>
/// <remarks>
/// Clients need not mean well. Each has a few seconds for all it does, and a fixed number of places: who comes when all
/// are taken gets that of the one who has been there longest, so that nobody can keep others out by staying.
/// </remarks>
internal sealed class LocalServer : IDisposable
{
    private const int Places = 16;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Socket _listener;
    private readonly VhostUserListener? _path;
    private readonly Func<Socket, CancellationToken, Task> _serve;
    private readonly Socket?[] _clients = new Socket?[Places];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;

    private LocalServer(Socket listener, VhostUserListener? path, Func<Socket, CancellationToken, Task> serve)
    {
        _listener = listener;
        _path = path;
        _serve = serve;
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens.</summary>
    public EndPoint EndPoint => _listener.LocalEndPoint!;

    /// <summary>Listens at a path (mode 0600) or an address.</summary>
    /// <param name="place">Where.</param>
    /// <param name="serve">Answers a client; the socket is closed afterwards.</param>
    /// <exception cref="IOException">It cannot be listened there.</exception>
    public static LocalServer Start(EndPoint place, Func<Socket, CancellationToken, Task> serve)
    {
        if (place is UnixDomainSocketEndPoint)
        {
            VhostUserListener path = VhostUserListener.Bind(place.ToString()!);
            return new LocalServer(new Socket(new SafeSocketHandle(path.Socket.Number, ownsHandle: false)), path, serve);
        }
        Socket socket = new(place.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(place);
            socket.Listen(Places);
            return new LocalServer(socket, null, serve);
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            throw new IOException($"{place}: {exception.Message}", exception);
        }
    }

    /// <summary>Stops listening, and closes what is open.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
        _path?.Dispose();
        foreach (Socket? client in _clients)
        {
            client?.Dispose();
        }
    }

    private async Task AcceptAsync()
    {
        for (uint next = 0; !_stop.IsCancellationRequested; next++)
        {
            try
            {
                Socket client = await _listener.AcceptAsync(_stop.Token).ConfigureAwait(false);
                ref Socket? place = ref _clients[next % Places];
                place?.Dispose();
                place = client;
                _ = Task.Run(() => ServeAsync(client));
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // It went away again, or no descriptor is left at the moment.
                await Task.Delay(100).ConfigureAwait(false);
            }
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using (client)
        {
            using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            end.CancelAfter(Patience);
            try
            {
                await _serve(client, end.Token).ConfigureAwait(false);
            }
#pragma warning disable CA1031 // Whatever a client does, it is only this client's end.
            catch (Exception)
#pragma warning restore CA1031
            {
            }
        }
    }
}
