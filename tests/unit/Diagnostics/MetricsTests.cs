using System.Diagnostics.Metrics;
using Kaleidofs.Caching;
using Kaleidofs.Host.Monitoring;
using Kaleidofs.Tests.Support;
using Kaleidofs.Tests.Support.Memory;
using Kaleidofs.Tests.Unit.VhostUser;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kaleidofs.Tests.Unit.Diagnostics;

/// <summary>The same figures, whichever way they are asked for.</summary>
public sealed class MetricsTests : IDisposable
{
    private const string Name = "a \"share\"\\of\nmine";

    private readonly TemporaryFolder _folder = new();
    private readonly ContentCache _cache = new(1 << 20);
    private readonly HostMonitor _monitor;
    private readonly MemoryTransport _transport = new(new PatternFileSystem());

    public MetricsTests()
    {
        _monitor = HostMonitor.Start(new MonitoringOptions { ControlSocket = _folder.At("control") }, _cache, "a box", NullLogger.Instance);
        _monitor.Add(new ShareProbe(Name, "null:", "memory", "nowhere", _transport.Session.Counters, () => "connected"));
        for (int i = 0; i < 10; i++)
        {
            _transport.Read(PatternFileSystem.FileInode, 0, 0, 1000);
        }
        _transport.Lookup(1, "nothing");
        Task loaded = _cache.GetAsync(new BlockKey(1, 1, 1), 100, new EmptyLoader()).AsTask();
        Assert.True(loaded.IsCompleted);
    }

    public void Dispose()
    {
        _monitor.Dispose();
        _cache.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void The_Prometheus_text_is_well_formed_and_has_every_figure()
    {
        Assert.True(_cache.TryGet(new BlockKey(1, 1, 1), out BlockLease lease));
        lease.Dispose();
        PrometheusParser parsed = PrometheusParser.Parse(PrometheusText.Write(_monitor.Read()));
        Assert.Equal(10, parsed.Value("kaleidofs_operations_total", ("share", Name), ("opcode", "read")));
        Assert.Equal(10_000, parsed.Value("kaleidofs_sent_bytes_total", ("share", Name), ("opcode", "read")));
        Assert.Equal(8, parsed.Value("kaleidofs_received_bytes_total", ("share", Name), ("opcode", "lookup")));
        Assert.Equal(10, parsed.Value("kaleidofs_operation_duration_seconds_count", ("opcode", "read")));
        Assert.Equal(12, parsed.Value("kaleidofs_queue_operations_total", ("share", Name), ("queue", "0")));
        Assert.Equal(1, parsed.Value("kaleidofs_share_info", ("share", Name), ("source", "null:"), ("endpoint", "nowhere")));
        Assert.Equal(1, parsed.Value("kaleidofs_cache_hits_total"));
        Assert.Equal(1, parsed.Value("kaleidofs_cache_misses_total"));
        // A block of 100 bytes takes a whole page.
        Assert.Equal(4096, parsed.Value("kaleidofs_cache_bytes"));
        Assert.Equal(1 << 20, parsed.Value("kaleidofs_cache_budget_bytes"));
        Assert.InRange(parsed.Value("kaleidofs_gc_collections_total", ("generation", "0")), 0, int.MaxValue);
        Assert.InRange(parsed.Value("process_resident_memory_bytes"), 1 << 20, long.MaxValue);
        Assert.All((string[])["kaleidofs_waited_operations_total", "kaleidofs_errors_total", "kaleidofs_queue_outstanding", "kaleidofs_cache_evictions_total", "kaleidofs_gc_pause_seconds_total", "kaleidofs_gc_longest_pause_seconds"],
            family => Assert.Contains(family, parsed.Types.Keys));
    }

    [Fact]
    public void Listeners_of_System_Diagnostics_Metrics_see_the_same()
    {
        Dictionary<string, double> seen = [];
        using MeterListener listener = new()
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == HostMeter.MeterName)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        void Note<T>(Instrument instrument, T value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state) where T : struct
        {
            // Other tests of this process may have meters of the same name: this one's share is known by its name.
            if (tags.Length == 0 || (tags[0].Key == "share" && (string?)tags[0].Value == Name))
            {
                seen[instrument.Name + string.Concat(tags.ToArray().Skip(1).Select(tag => $" {tag.Key}={tag.Value}"))] = Convert.ToDouble(value);
            }
        }
        listener.SetMeasurementEventCallback<long>(Note);
        listener.SetMeasurementEventCallback<double>(Note);
        listener.Start();
        listener.RecordObservableInstruments();
        Assert.Equal(10, seen["kaleidofs.operations opcode=read"]);
        Assert.Equal(10_000, seen["kaleidofs.sent opcode=read"]);
        Assert.InRange(seen["kaleidofs.operation.duration opcode=read quantile=0.99"], 1e-9, 60);
        Assert.Equal(0, seen["kaleidofs.queue.outstanding queue=0"]);
        Assert.All((string[])["kaleidofs.cache.hits", "kaleidofs.cache.misses", "kaleidofs.cache.evictions", "kaleidofs.cache.size", "kaleidofs.gc.pause", "kaleidofs.gc.pause.longest"],
            name => Assert.Contains(name, seen.Keys));
    }

    [Fact]
    public async Task The_control_socket_tells_the_same_in_JSON()
    {
        string path = _folder.At("control");
        HostStatus? status = await ControlClient.ReadAsync(path, CancellationToken.None);
        ShareStatus share = Assert.Single(status!.Shares);
        Assert.Equal((Name, "null:", "connected"), (share.Name, share.Source, share.State));
        OperationStatus read = share.Operations.Single(operation => operation.Opcode == "read");
        Assert.Equal((10, 10_000, 0), (read.Operations, read.SentBytes, read.Waited));
        Assert.Equal(10, read.Latency.Sum(bucket => bucket[1]));
        Assert.Equal(1, status.Cache.Misses);
        Assert.Equal("a box", status.Sandbox);
        _monitor.Dispose();
        Assert.False(File.Exists(path));
    }

    [Theory]
    [InlineData("127.0.0.1:9469", "127.0.0.1:9469")]
    [InlineData("localhost:1", "127.0.0.1:1")]
    [InlineData("[::1]:9469", "[::1]:9469")]
    [InlineData("unix:/run/k.prom", "/run/k.prom")]
    public void Metrics_are_served_on_this_machine(string text, string place)
        => Assert.Equal(place, MonitoringOptions.Parse(null, text).Metrics!.ToString());

    [Theory]
    [InlineData("0.0.0.0:9469")]
    [InlineData("192.0.2.1:9469")]
    [InlineData("[::]:9469")]
    [InlineData("127.0.0.1")]
    [InlineData("localhost:")]
    [InlineData("localhost:70000")]
    [InlineData("unix:")]
    [InlineData("9469")]
    [InlineData(":9469")]
    [InlineData("example.org:80")]
    [InlineData("")]
    public void And_nowhere_else(string text)
    {
        SourceException refused = Assert.Throws<SourceException>(() => MonitoringOptions.Parse(null, text));
        Assert.True(refused.IsUsageError);
        Assert.Contains("127.0.0.1:", refused.Message);
    }

    [Fact]
    public void A_share_that_ended_is_shown_no_more()
    {
        ShareProbe other = new("other", "null:", "memory", "nowhere", _transport.Session.Counters, () => "");
        _monitor.Add(other);
        Assert.Equal(2, _monitor.Read().Shares.Count);
        _monitor.Remove(other);
        Assert.Equal(Name, Assert.Single(_monitor.Read().Shares).Probe.Name);
    }

    private sealed class EmptyLoader : BlockLoader
    {
        public override ValueTask<Errno> LoadAsync(BlockKey key, Memory<byte> destination) => new(Errno.None);
    }
}
