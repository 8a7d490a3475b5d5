using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Kaleidofs.Tests.Bench.Peers;

/// <summary>Stands between clients and a server on this machine, and passes on what a client sends a while later: as a longer way would, without a bound on how much is under way.</summary>
internal sealed class LateRelay : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ending = new();
    private readonly int _server;
    private readonly TimeSpan _delay;

    public LateRelay(int server, TimeSpan delay)
    {
        _server = server;
        _delay = delay;
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose()
    {
        _ending.Cancel();
        _listener.Dispose();
        _ending.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptSocketAsync(_ending.Token));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // It is over.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using Socket server = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, _server, _ending.Token);
            var late = Channel.CreateUnbounded<(byte[] Bytes, long Due)>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
            await Task.WhenAny(TakeAsync(client, late.Writer), SendAsync(late.Reader, server), PassAsync(server, client));
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // One side is gone, and then the other.
        }
        finally
        {
            client.Dispose();
        }
    }

    private async Task TakeAsync(Socket from, ChannelWriter<(byte[] Bytes, long Due)> late)
    {
        byte[] buffer = new byte[1 << 20];
        for (int count; (count = await from.ReceiveAsync(buffer, _ending.Token)) > 0;)
        {
            late.TryWrite((buffer[..count], Stopwatch.GetTimestamp() + (long)(_delay.TotalSeconds * Stopwatch.Frequency)));
        }
    }

    private async Task SendAsync(ChannelReader<(byte[] Bytes, long Due)> late, Socket to)
    {
        await foreach ((byte[] bytes, long due) in late.ReadAllAsync(_ending.Token).ConfigureAwait(false))
        {
            // Task.Delay knows whole milliseconds only.
            if (Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due) is { Ticks: > 0 } rest)
            {
                Thread.Sleep(rest);
            }
            await to.SendAsync(bytes, _ending.Token);
        }
    }

    private async Task PassAsync(Socket from, Socket to)
    {
        byte[] buffer = new byte[1 << 20];
        for (int count; (count = await from.ReceiveAsync(buffer, _ending.Token)) > 0;)
        {
            await to.SendAsync(buffer.AsMemory(0, count), _ending.Token);
        }
    }
}
