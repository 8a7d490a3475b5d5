using System.Net.Sockets;

namespace Kaleidofs.Host.Monitoring;

/// <summary>What the two protocols of <see cref="LocalServer"/> have in common.</summary>
internal static class SocketText
{
    /// <summary>Reads until what was sent so far contains <paramref name="end"/>.</summary>
    /// <returns>How many bytes stand before it; -1 if the buffer is full or the peer's end comes first.</returns>
    public static async ValueTask<int> ReadUntilAsync(Socket socket, Memory<byte> buffer, ReadOnlyMemory<byte> end, CancellationToken cancellationToken)
    {
        int length = 0;
        while (length < buffer.Length)
        {
            int read = await socket.ReceiveAsync(buffer[length..], cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                return -1;
            }
            length += read;
            int found = buffer.Span[..length].IndexOf(end.Span);
            if (found >= 0)
            {
                return found;
            }
        }
        return -1;
    }

    /// <summary>Sends all of it.</summary>
    public static async ValueTask SendAsync(Socket socket, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await socket.SendAsync(bytes, cancellationToken).ConfigureAwait(false)..];
        }
    }
}
