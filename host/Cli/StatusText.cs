using System.Globalization;
using System.Text;
using Kaleidofs.Diagnostics;
using Kaleidofs.Host.Monitoring;

namespace Kaleidofs.Host.Cli;

/// <summary>A status for people: since the start, or what came since an earlier one, a second.</summary>
internal static class StatusText
{
    /// <param name="text">Takes the lines.</param>
    /// <param name="status">The status.</param>
    /// <param name="earlier">One of the same process to subtract; null to show what was since the start.</param>
    public static void Append(StringBuilder text, HostStatus status, HostStatus? earlier)
    {
        CollectionStatus garbage = status.GarbageCollection;
        text.Append(CultureInfo.InvariantCulture, $"kaleidofs {status.Version}, process {status.ProcessId}, up {Quantity.Duration(status.UptimeSeconds)}, {Quantity.Bytes(status.ResidentBytes)} resident\n");
        text.Append(CultureInfo.InvariantCulture, $"  sandbox  {status.Sandbox}\n");
        text.Append(CultureInfo.InvariantCulture, $"  cache    {Quantity.Bytes(status.Cache.UsedBytes)} of {Quantity.Bytes(status.Cache.BudgetBytes)}, {Quantity.Count(status.Cache.Hits)} hits, {Quantity.Count(status.Cache.Misses)} misses, {Quantity.Count(status.Cache.Evictions)} evicted\n");
        if (status.DiskCache.BudgetBytes > 0)
        {
            string damaged = status.DiskCache.Damaged == 0 ? "" : $", {Quantity.Count(status.DiskCache.Damaged)} damaged";
            text.Append(CultureInfo.InvariantCulture, $"  on disk  {Quantity.Bytes(status.DiskCache.UsedBytes)} of {Quantity.Bytes(status.DiskCache.BudgetBytes)}, {Quantity.Count(status.DiskCache.Hits)} hits, {Quantity.Count(status.DiskCache.Misses)} misses, {Quantity.Count(status.DiskCache.Written)} written{damaged}\n");
        }
        text.Append(CultureInfo.InvariantCulture, $"  garbage  {string.Join('/', garbage.Collections)} collections, paused {Quantity.Duration(garbage.PauseSeconds)} in all, at most {Quantity.Duration(garbage.LongestPauseSeconds)}; heap {Quantity.Bytes(garbage.HeapBytes)}\n");
        foreach (ShareStatus share in status.Shares)
        {
            double seconds = earlier is null ? 0 : (status.Time - earlier.Time).TotalSeconds;
            AppendShare(text, share, earlier?.Shares.FirstOrDefault(other => other.Name == share.Name), seconds);
        }
    }

    private static void AppendShare(StringBuilder text, ShareStatus share, ShareStatus? earlier, double seconds)
    {
        text.Append(CultureInfo.InvariantCulture, $"  share {share.Name}: {share.Source} by {share.Transport} on {share.Endpoint}, {share.State}\n");
        foreach (QueueStatus queue in share.Queues.Where(queue => queue.Operations > 0 || queue.IsServed))
        {
            string depth = queue.Batches == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", {(double)queue.Operations / queue.Batches:0.0} at a time");
            text.Append(CultureInfo.InvariantCulture, $"    queue {queue.Queue}: {Quantity.Count(queue.Operations)} operations{depth}, {queue.Outstanding} wait for the source{(queue.IsServed ? "" : ", not in use")}\n");
        }
        if (share.Operations.Count == 0)
        {
            return;
        }
        bool isRate = earlier is not null && seconds > 0;
        AppendRow(text, "operation", isRate ? "a second" : "count", "errors", "sent", "received", "waited", "p50", "p99");
        text.Append('\n');
        foreach (OperationStatus operation in share.Operations.OrderByDescending(operation => operation.Operations))
        {
            OperationStatus? before = earlier?.Operations.FirstOrDefault(other => other.Opcode == operation.Opcode);
            if (isRate && operation.Operations == before?.Operations)
            {
                continue;
            }
            AppendOperation(text, operation, before, isRate ? seconds : 1);
        }
    }

    private static void AppendOperation(StringBuilder text, OperationStatus operation, OperationStatus? earlier, double seconds)
    {
        LatencyHistogram latency = new();
        foreach (long[] bucket in operation.Latency)
        {
            latency.Add(bucket[0], bucket[1]);
        }
        foreach (long[] bucket in earlier?.Latency ?? [])
        {
            latency.Add(bucket[0], -bucket[1]);
        }
        long errors = operation.Errors.Values.Sum() - (earlier?.Errors.Values.Sum() ?? 0);
        AppendRow(text,
            operation.Opcode,
            Quantity.Count((operation.Operations - (earlier?.Operations ?? 0)) / seconds),
            Quantity.Count(errors / seconds),
            Quantity.Bytes((operation.SentBytes - (earlier?.SentBytes ?? 0)) / seconds),
            Quantity.Bytes((operation.ReceivedBytes - (earlier?.ReceivedBytes ?? 0)) / seconds),
            Quantity.Count((operation.Waited - (earlier?.Waited ?? 0)) / seconds),
            Quantity.Duration(latency.Percentile(0.5) / 1e9),
            Quantity.Duration(latency.Percentile(0.99) / 1e9));
        if (earlier is null && operation.Errors.Count > 0)
        {
            text.Append("  ").AppendJoin(", ", operation.Errors.Select(error => string.Create(CultureInfo.InvariantCulture, $"{error.Key} {error.Value}")));
        }
        text.Append('\n');
    }

    private static void AppendRow(StringBuilder text, string operation, string count, string errors, string sent, string received, string waited, string median, string p99)
        => text.Append(CultureInfo.InvariantCulture, $"    {operation,-16}{count,15}{errors,10}{sent,12}{received,12}{waited,12}{median,11}{p99,11}");
}
