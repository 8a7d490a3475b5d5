using System.Diagnostics.Metrics;
using Kaleidofs.Diagnostics;

namespace Kaleidofs.Host.Monitoring;

/// <summary>The process's figures as instruments of System.Diagnostics.Metrics, for whoever listens (dotnet-counters, OpenTelemetry). Nothing is done while nobody does.</summary>
/// <remarks>
/// All instruments are observed: they look at what is counted anyway. There is no observed histogram, so durations are
/// gauges of two quantiles here; the buckets are in the Prometheus text.
/// </remarks>
internal sealed class HostMeter : IDisposable
{
    public const string MeterName = "Kaleidofs";

    private static readonly double[] Quantiles = [0.5, 0.99];

    private readonly Meter _meter = new(MeterName);
    private readonly Func<HostSnapshot> _read;

    public HostMeter(Func<HostSnapshot> read)
    {
        _read = read;
        Count("kaleidofs.operations", "{operation}", "FUSE operations answered, failures included", total => total.Operations);
        Count("kaleidofs.operations.waited", "{operation}", "Operations that had to wait for the source", total => total.Waited);
        Count("kaleidofs.sent", "By", "Payload of replies", total => total.Sent);
        Count("kaleidofs.received", "By", "Payload of requests", total => total.Received);
        _meter.CreateObservableCounter("kaleidofs.errors", ReadErrors, "{error}", "Operations answered with an error");
        _meter.CreateObservableGauge("kaleidofs.operation.duration", ReadDurations, "s", "From a request's copy to its reply, by quantile, since the start");
        _meter.CreateObservableGauge("kaleidofs.queue.outstanding", ReadOutstanding, "{request}", "Requests that wait for the source now");
        _meter.CreateObservableCounter("kaleidofs.cache.hits", () => _read().Cache.Hits, "{block}", "Blocks of decoded content that were at hand");
        _meter.CreateObservableCounter("kaleidofs.cache.misses", () => _read().Cache.Misses, "{block}", "Blocks that had to be loaded");
        _meter.CreateObservableCounter("kaleidofs.cache.evictions", () => _read().Cache.Evictions, "{block}", "Blocks dropped to stay within the budget");
        _meter.CreateObservableGauge("kaleidofs.cache.size", () => _read().Cache.Bytes, "By", "Decoded content that is kept");
        _meter.CreateObservableCounter("kaleidofs.disk_cache.hits", () => _read().Disk.Hits, "{block}", "Blocks that were read from the cache's tier on disk");
        _meter.CreateObservableCounter("kaleidofs.disk_cache.misses", () => _read().Disk.Misses, "{block}", "Blocks that it was asked for and did not have");
        _meter.CreateObservableGauge("kaleidofs.disk_cache.size", () => _read().Disk.Bytes, "By", "What the tier on disk takes");
        _meter.CreateObservableCounter("kaleidofs.gc.pause", () => _read().TotalPause.TotalSeconds, "s", "How long garbage collections paused the process");
        _meter.CreateObservableGauge("kaleidofs.gc.pause.longest", () => _read().LongestPause.TotalSeconds, "s", "The longest of those pauses");
    }

    public void Dispose() => _meter.Dispose();

    private void Count(string name, string unit, string description, Func<OperationTotal, long> value)
        => _meter.CreateObservableCounter(name, () => Each<long>((share, total) => [new Measurement<long>(value(total), Tags(share, total))]), unit, description);

    private IEnumerable<Measurement<long>> ReadErrors() => Each((share, total)
        => total.Errors.Select(error => new Measurement<long>(error.Value, [.. Tags(share, total), new("errno", OperationTotal.NameOf(error.Key))])));

    private IEnumerable<Measurement<double>> ReadDurations() => Each((share, total)
        => Quantiles.Select(quantile => new Measurement<double>(total.Latency.Percentile(quantile) / 1e9, [.. Tags(share, total), new("quantile", quantile)])));

    private IEnumerable<Measurement<long>> ReadOutstanding() => _read().Shares.SelectMany(share => share.Queues.Select(queue
        => new Measurement<long>(queue.Outstanding, new("share", share.Probe.Name), new("queue", queue.Queue))));

    private IEnumerable<Measurement<T>> Each<T>(Func<ShareSnapshot, OperationTotal, IEnumerable<Measurement<T>>> measure) where T : struct
        => _read().Shares.SelectMany(share => share.Operations.SelectMany(total => measure(share, total)));

    private static KeyValuePair<string, object?>[] Tags(ShareSnapshot share, OperationTotal total)
        => [new("share", share.Probe.Name), new("opcode", OpcodeName.Of(total.Opcode))];
}
