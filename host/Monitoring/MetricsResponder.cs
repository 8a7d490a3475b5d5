using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Kaleidofs.Host.Monitoring;

/// <summary>Just enough of HTTP/1.1 (RFC 9112) for a scrape: GET /metrics, and the connection closes.</summary>
internal static class MetricsResponder
{
    /// <summary>Longer requests are none of a scraper's.</summary>
    private const int MaxRequest = 8 << 10;

    private static readonly byte[] EndOfHeaders = "\r\n\r\n"u8.ToArray();

    public static async Task ServeAsync(Socket client, Func<HostSnapshot> read, CancellationToken cancellationToken)
    {
        byte[] request = new byte[MaxRequest];
        int length = await SocketText.ReadUntilAsync(client, request, EndOfHeaders, cancellationToken).ConfigureAwait(false);
        (string status, string body) = Answer(length < 0 ? null : Encoding.ASCII.GetString(request, 0, length), read);
        string header = string.Create(CultureInfo.InvariantCulture,
            $"HTTP/1.1 {status}\r\nContent-Type: {PrometheusText.ContentType}\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n\r\n");
        await SocketText.SendAsync(client, Encoding.UTF8.GetBytes(header + body), cancellationToken).ConfigureAwait(false);
        client.Shutdown(SocketShutdown.Send);
        // Closing with bytes unread would reset the connection, and take the answer back.
        while (await client.ReceiveAsync(request, cancellationToken).ConfigureAwait(false) > 0)
        {
        }
    }

    private static (string Status, string Body) Answer(string? request, Func<HostSnapshot> read)
    {
        if (request is null)
        {
            return ("431 Request Header Fields Too Large", "at most 8 KiB\n");
        }
        string[] words = request.Split("\r\n")[0].Split(' ');
        if (words is not [var method, var target, "HTTP/1.1" or "HTTP/1.0"])
        {
            return ("400 Bad Request", "this speaks HTTP/1.1\n");
        }
        if (method != "GET")
        {
            return ("405 Method Not Allowed\r\nAllow: GET", "only GET\n");
        }
        return target.Split('?')[0] == "/metrics" ? ("200 OK", PrometheusText.Write(read())) : ("404 Not Found", "metrics are at /metrics\n");
    }
}
