using System.Net;
using System.Net.Sockets;
using Kaleidofs.Caching;
using Microsoft.Extensions.Logging;

namespace Kaleidofs.Host.Monitoring;

/// <summary>Tells how the process does to whoever asks: control socket, metrics endpoint, System.Diagnostics.Metrics.</summary>
internal sealed class HostMonitor : IDisposable
{
    /// <summary>A snapshot serves all who ask within this time: asking often must not cost much.</summary>
    private static readonly TimeSpan Freshness = TimeSpan.FromMilliseconds(50);

    private readonly ContentCache _cache;
    private readonly DateTime _started = DateTime.UtcNow;
    private readonly Lock _lock = new();
    private readonly List<ShareProbe> _shares = [];
    private readonly List<LocalServer> _servers = [];
    private readonly HostMeter _meter;
    private string _sandbox;
    private HostSnapshot? _latest;

    private HostMonitor(ContentCache cache, string sandbox)
    {
        _cache = cache;
        _sandbox = sandbox;
        _meter = new HostMeter(Read);
    }

    /// <summary>Begins to listen.</summary>
    /// <exception cref="SourceException">It cannot listen where the user asked for it.</exception>
    public static HostMonitor Start(MonitoringOptions options, ContentCache cache, string sandbox, ILogger log)
    {
        HostMonitor monitor = new(cache, sandbox);
        try
        {
            GarbageCollectionWatch.Start();
            monitor.ListenForControl(options.ControlSocket, log);
            if (options.Metrics is { } place)
            {
                LocalServer server = monitor.Listen("--metrics", place, MetricsResponder.ServeAsync);
                log.LogInformation("metrics are at {Place}", place is IPEndPoint ? $"http://{server.EndPoint}/metrics" : $"unix:{place}");
            }
            return monitor;
        }
        catch
        {
            monitor.Dispose();
            throw;
        }
    }

    /// <summary>A share is served from now on.</summary>
    public void Add(ShareProbe share)
    {
        lock (_lock)
        {
            _shares.Add(share);
            _latest = null;
        }
    }

    /// <summary>A share has ended.</summary>
    public void Remove(ShareProbe share)
    {
        lock (_lock)
        {
            _shares.Remove(share);
            _latest = null;
        }
    }

    /// <summary>The process is confined otherwise from now on.</summary>
    public void SetSandbox(string state)
    {
        lock (_lock)
        {
            _sandbox = state;
            _latest = null;
        }
    }

    /// <summary>How the process does now, or did a moment ago.</summary>
    public HostSnapshot Read()
    {
        lock (_lock)
        {
            DateTime now = DateTime.UtcNow;
            if (_latest is null || now - _latest.Time >= Freshness || now < _latest.Time)
            {
                _latest = new HostSnapshot
                {
                    Time = now,
                    Started = _started,
                    Sandbox = _sandbox,
                    Cache = _cache.ReadTotals(),
                    Disk = _cache.ReadDiskTotals(),
                    Shares = [.. _shares.Select(share => new ShareSnapshot(share, share.ReadState(), share.Counters.ReadOperations(), share.Counters.ReadQueues()))],
                };
            }
            return _latest;
        }
    }

    public void Dispose()
    {
        _servers.ForEach(server => server.Dispose());
        _meter.Dispose();
    }

    private void ListenForControl(string? path, ILogger log)
    {
        if (path is not null)
        {
            Listen("--control-socket", new UnixDomainSocketEndPoint(path), ControlResponder.ServeAsync);
            return;
        }
        if (ControlSocket.UsualPath is not { } usual)
        {
            log.LogDebug("'kaleidofs status' cannot ask this process: XDG_RUNTIME_DIR is not set; give --control-socket PATH");
            return;
        }
        string? reason = ControlSocket.CreateDirectory();
        try
        {
            if (reason is null)
            {
                Listen("--control-socket", new UnixDomainSocketEndPoint(usual), ControlResponder.ServeAsync);
            }
        }
        catch (Exception exception) when (exception is SourceException or ArgumentException)
        {
            reason = exception.Message;
        }
        if (reason is not null)
        {
            // Nobody asked for it, so nothing fails for want of it.
            log.LogInformation("'kaleidofs status' cannot ask this process: {Reason}", reason);
        }
    }

    private LocalServer Listen(string option, EndPoint place, Func<Socket, Func<HostSnapshot>, CancellationToken, Task> serve)
    {
        try
        {
            LocalServer server = LocalServer.Start(place, (client, cancellationToken) => serve(client, Read, cancellationToken));
            _servers.Add(server);
            return server;
        }
        catch (IOException exception)
        {
            throw new SourceException($"{option}: {exception.Message}", exception);
        }
    }
}
