using System.Net.Sockets;
using System.Text.Json;

namespace Kaleidofs.Host.Monitoring;

/// <summary>The control socket's protocol: a line with what is asked, a line of JSON with the answer, and the connection closes.</summary>
internal static class ControlResponder
{
    public const string StatusRequest = "status";

    private const int MaxRequest = 256;

    private static readonly byte[] EndOfLine = "\n"u8.ToArray();

    public static async Task ServeAsync(Socket client, Func<HostSnapshot> read, CancellationToken cancellationToken)
    {
        byte[] request = new byte[MaxRequest];
        int length = await SocketText.ReadUntilAsync(client, request, EndOfLine, cancellationToken).ConfigureAwait(false);
        byte[] answer = length >= 0 && request.AsSpan(0, length).SequenceEqual("status"u8)
            ? JsonSerializer.SerializeToUtf8Bytes(HostStatus.Of(read()), StatusJson.Default.HostStatus)
            : "{\"error\":\"ask for: status\"}"u8.ToArray();
        await SocketText.SendAsync(client, (byte[])[.. answer, (byte)'\n'], cancellationToken).ConfigureAwait(false);
    }
}
