using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Kaleidofs.Tests.Support.Servers;

/// <summary>Stands between a client and a server on this machine, counts the requests of HTTP, and makes some of them fail.</summary>
internal sealed class FaultyProxy : IDisposable
{
    private static readonly string[] Methods = ["GET ", "HEAD ", "PUT ", "POST ", "DELETE "];

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ending = new();
    private readonly ConcurrentDictionary<Socket, byte> _sockets = new();
    private readonly Uri _server;

    public FaultyProxy(string server)
    {
        _server = new Uri(server);
        _listener.Start();
        Endpoint = $"http://{_listener.LocalEndpoint}";
        _ = AcceptAsync();
    }

    public string Endpoint { get; }

    /// <summary>The first line of each request, and its Range.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>Each request waits so long before it is passed on.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>Says how a request is answered instead of by the server; null passes it on.</summary>
    public Func<string, Fault?> Choose { get; set; } = _ => null;

    /// <summary>No connection is taken, and those that there are end.</summary>
    public bool IsDown
    {
        get;
        set
        {
            field = value;
            if (value)
            {
                foreach ((Socket socket, _) in _sockets)
                {
                    socket.Close();
                }
            }
        }
    }

    public int Count(string method) => Requests.Count(request => request.StartsWith(method, StringComparison.Ordinal));

    public void Dispose()
    {
        _ending.Cancel();
        _listener.Stop();
        IsDown = true;
        _ending.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket client = await _listener.AcceptSocketAsync(_ending.Token);
                _ = RelayAsync(client);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task RelayAsync(Socket client)
    {
        using Socket server = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using (client)
        {
            try
            {
                client.NoDelay = true;
                _sockets[client] = 0;
                _sockets[server] = 0;
                if (IsDown)
                {
                    return;
                }
                await server.ConnectAsync(_server.Host, _server.Port);
                // How much of the next answer may pass; more ends the connection.
                StrongBox cut = new() { Left = long.MaxValue };
                Task back = CopyBackAsync(server, client, cut);
                byte[] buffer = new byte[1 << 16];
                while (await client.ReceiveAsync(buffer) is > 0 and var count)
                {
                    if (Methods.Any(method => buffer.AsSpan(0, count).StartsWith(Encoding.ASCII.GetBytes(method))))
                    {
                        string head = Encoding.Latin1.GetString(buffer, 0, Math.Min(count, 4096));
                        string range = head.Split("\r\n").FirstOrDefault(line => line.StartsWith("Range:", StringComparison.OrdinalIgnoreCase)) ?? "";
                        string request = $"{head.Split("\r\n")[0]} {range}";
                        Requests.Enqueue(request);
                        await Task.Delay(Delay);
                        if (Choose(request) is { } fault)
                        {
                            if (fault.Answer is { } answer)
                            {
                                await client.SendAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {answer}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
                                client.Shutdown(SocketShutdown.Both);
                                return;
                            }
                            cut.Left = fault.CutAfter;
                        }
                    }
                    await SendAllAsync(server, buffer.AsMemory(0, count));
                }
                server.Shutdown(SocketShutdown.Send);
                await back;
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
            }
            finally
            {
                _sockets.TryRemove(client, out _);
                _sockets.TryRemove(server, out _);
            }
        }
    }

    private static async Task CopyBackAsync(Socket server, Socket client, StrongBox cut)
    {
        try
        {
            byte[] buffer = new byte[1 << 16];
            while (await server.ReceiveAsync(buffer) is > 0 and var count)
            {
                int pass = (int)Math.Min(count, cut.Left);
                await SendAllAsync(client, buffer.AsMemory(0, pass));
                cut.Left -= cut.Left == long.MaxValue ? 0 : pass;
                if (cut.Left == 0)
                {
                    client.Close();
                    return;
                }
            }
            client.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
        }
    }

    private static async Task SendAllAsync(Socket socket, ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[await socket.SendAsync(bytes)..];
        }
    }

    private sealed class StrongBox
    {
        public long Left;
    }

    /// <summary>What happens to a request.</summary>
    /// <param name="Answer">The status that it is answered with, such as <c>503 Slow Down</c>.</param>
    /// <param name="CutAfter">So many bytes of the answer come.</param>
    internal sealed record Fault(string? Answer, long CutAfter = long.MaxValue);
}
