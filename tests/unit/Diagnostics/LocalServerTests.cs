using System.Net;
using System.Net.Sockets;
using System.Text;
using Kaleidofs.Caching;
using Kaleidofs.Host.Monitoring;
using Kaleidofs.Tests.Support;
using Microsoft.Extensions.Logging;

namespace Kaleidofs.Tests.Unit.Diagnostics;

/// <summary>Clients of the metrics endpoint and of the control socket that do not mean well.</summary>
public sealed class LocalServerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ContentCache _cache = new();
    private readonly PlaceLog _log = new();
    private readonly HostMonitor _monitor;
    private readonly IPEndPoint _metrics;

    public LocalServerTests()
    {
        _monitor = HostMonitor.Start(new MonitoringOptions { ControlSocket = _folder.At("control"), Metrics = new IPEndPoint(IPAddress.Loopback, 0) }, _cache, "a box", _log);
        _metrics = IPEndPoint.Parse(new Uri(_log.Url!).Authority);
    }

    public void Dispose()
    {
        _monitor.Dispose();
        _cache.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_scraper_gets_the_text()
    {
        using HttpClient client = new();
        using HttpResponseMessage response = await client.GetAsync(new Uri(_log.Url!));
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        PrometheusParser.Parse(await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 404 ")]
    [InlineData("POST /metrics HTTP/1.1\r\n\r\n", "HTTP/1.1 405 ")]
    [InlineData("GET /metrics\r\n\r\n", "HTTP/1.1 400 ")]
    [InlineData("\r\n\r\n", "HTTP/1.1 400 ")]
    [InlineData("GET /metrics?x=1 HTTP/1.0\r\nHost: x\r\n\r\n", "HTTP/1.1 200 ")]
    public async Task What_else_is_asked_gets_the_status_for_it(string request, string answer)
        => Assert.StartsWith(answer, await AskAsync(_metrics, Encoding.ASCII.GetBytes(request)));

    [Fact]
    public async Task A_request_without_end_is_cut_off()
    {
        Assert.StartsWith("HTTP/1.1 431 ", await AskAsync(_metrics, [.. Enumerable.Repeat((byte)'x', 8 << 10)]));
        Assert.Equal("{\"error\":\"ask for: status\"}\n", await AskAsync(Control, [.. Enumerable.Repeat((byte)'x', 256)]));
        Assert.Equal("{\"error\":\"ask for: status\"}\n", await AskAsync(Control, "shutdown\n"u8.ToArray()));
    }

    [Fact]
    public async Task Clients_that_stay_keep_nobody_out()
    {
        List<Socket> idle = [];
        try
        {
            for (int i = 0; i < 100; i++)
            {
                foreach (EndPoint place in (EndPoint[])[_metrics, Control])
                {
                    Socket socket = Create(place);
                    idle.Add(socket);
                    try
                    {
                        await socket.ConnectAsync(place).WaitAsync(TimeSpan.FromSeconds(30));
                        // Some say nothing, some begin and stop, some ask and never read.
                        await socket.SendAsync(Encoding.ASCII.GetBytes(i % 3 == 0 ? "" : i % 3 == 1 ? "GET /met" : "GET /metrics HTTP/1.1\r\n\r\n"));
                    }
                    catch (SocketException)
                    {
                        // A UNIX socket's backlog was full just then.
                    }
                }
            }
            Assert.StartsWith("HTTP/1.1 200 ", await AskAsync(_metrics, "GET /metrics HTTP/1.1\r\n\r\n"u8.ToArray()));
            Assert.NotNull(await ControlClient.ReadAsync(_folder.At("control"), CancellationToken.None));
        }
        finally
        {
            idle.ForEach(socket => socket.Dispose());
        }
    }

    [Fact]
    public async Task A_client_that_says_nothing_is_sent_away()
    {
        using Socket socket = Create(_metrics);
        await socket.ConnectAsync(_metrics);
        int read;
        try
        {
            read = await socket.ReceiveAsync(new byte[1]).WaitAsync(TimeSpan.FromSeconds(60));
        }
        catch (SocketException)
        {
            read = 0;
        }
        Assert.Equal(0, read);
    }

    [Fact]
    public async Task A_socket_that_a_killed_process_left_is_nobody()
    {
        string path = _folder.At("dead");
        using (Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            socket.Bind(new UnixDomainSocketEndPoint(path));
        }
        Assert.Null(await ControlClient.ReadAsync(path, CancellationToken.None));
        Assert.Null(await ControlClient.ReadAsync(_folder.At("none"), CancellationToken.None));
    }

    [Fact]
    public void A_place_that_is_taken_is_one_clear_line()
    {
        SourceException refused = Assert.Throws<SourceException>(() => HostMonitor.Start(
            new MonitoringOptions { ControlSocket = _folder.At("other"), Metrics = _metrics }, _cache, "a box", _log));
        Assert.Equal($"--metrics: {_metrics}: Address already in use", refused.Message);
        Assert.False(File.Exists(_folder.At("other")));
    }

    private UnixDomainSocketEndPoint Control => new(_folder.At("control"));

    private static Socket Create(EndPoint place)
        => new(place.AddressFamily, SocketType.Stream, place is IPEndPoint ? ProtocolType.Tcp : ProtocolType.Unspecified);

    private static async Task<string> AskAsync(EndPoint place, byte[] request)
    {
        using Socket socket = Create(place);
        await socket.ConnectAsync(place).WaitAsync(TimeSpan.FromSeconds(30));
        await socket.SendAsync(request);
        using NetworkStream stream = new(socket);
        using StreamReader reader = new(stream);
        return await reader.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(30));
    }

    /// <summary>Keeps where metrics are.</summary>
    private sealed class PlaceLog : ILogger
    {
        public string? Url { get; private set; }

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            => Url ??= formatter(state, exception) is var line && line.Contains("http://", StringComparison.Ordinal) ? line[line.IndexOf("http://", StringComparison.Ordinal)..] : null;
    }
}
