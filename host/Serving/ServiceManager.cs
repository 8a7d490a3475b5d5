using System.Net.Sockets;
using System.Text;

namespace Kaleidofs.Host.Serving;

/// <summary>Tells a service manager how the process is doing: sd_notify(3)'s protocol, one datagram a message.</summary>
internal static class ServiceManager
{
    public static void Notify(string state)
    {
        string? path = Environment.GetEnvironmentVariable("NOTIFY_SOCKET");
        if (string.IsNullOrEmpty(path))
        {
            return;
        }
        try
        {
            using Socket socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            // A leading '@' stands for the NUL of an abstract address.
            socket.SendTo(Encoding.UTF8.GetBytes(state), new UnixDomainSocketEndPoint(path[0] == '@' ? '\0' + path[1..] : path));
        }
        catch (Exception exception) when (exception is SocketException or ArgumentException)
        {
            // Nobody listens: the service is served all the same.
        }
    }
}
