using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Kaleidofs.Host.Monitoring;

/// <summary>Asks a running process over its control socket.</summary>
internal static class ControlClient
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>The status; null if nobody listens there, as when a killed process left its socket.</summary>
    /// <exception cref="IOException">Somebody does, but does not answer; or it is not allowed to ask.</exception>
    public static async Task<HostStatus?> ReadAsync(string path, CancellationToken cancellationToken)
    {
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        end.CancelAfter(Patience);
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await ConnectAsync(socket, new UnixDomainSocketEndPoint(path), end.Token).ConfigureAwait(false);
            await SocketText.SendAsync(socket, Encoding.ASCII.GetBytes(ControlResponder.StatusRequest + "\n"), end.Token).ConfigureAwait(false);
            using NetworkStream stream = new(socket);
            return await JsonSerializer.DeserializeAsync(stream, StatusJson.Default.HostStatus, end.Token).ConfigureAwait(false);
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.ConnectionRefused or SocketError.AddressNotAvailable)
        {
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"{path}: no answer within {Patience.TotalSeconds} s");
        }
        catch (Exception exception) when (exception is SocketException or JsonException or ArgumentException)
        {
            throw new IOException($"{path}: {exception.Message}", exception);
        }
    }

    private static async Task ConnectAsync(Socket socket, UnixDomainSocketEndPoint place, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await socket.ConnectAsync(place, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (SocketException exception) when (exception.SocketErrorCode is SocketError.WouldBlock or SocketError.TryAgain)
            {
                // Many ask at once: a UNIX socket has no queue for connections beyond its backlog (EAGAIN, connect(2)).
                await Task.Delay(20, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
