using System.Globalization;
using System.Text;
using Kaleidofs.Diagnostics;

namespace Kaleidofs.Host.Monitoring;

/// <summary>A snapshot in Prometheus' text format 0.0.4.</summary>
internal sealed class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Histograms are shown in powers of four, from a quarter of a microsecond to 17 seconds: they are bounds of the finer buckets that are kept.</summary>
    private const int LowestBound = 8;

    private const int HighestBound = 34;

    private readonly StringBuilder _text = new();

    private PrometheusText()
    {
    }

    public static string Write(HostSnapshot snapshot)
    {
        PrometheusText text = new();
        text.WriteOperations(snapshot.Shares);
        text.WriteQueues(snapshot.Shares);
        text.WriteProcess(snapshot);
        return text._text.ToString();
    }

    private void WriteOperations(IReadOnlyList<ShareSnapshot> shares)
    {
        void Each(Action<ShareSnapshot, OperationTotal> write)
        {
            foreach (ShareSnapshot share in shares)
            {
                foreach (OperationTotal total in share.Operations)
                {
                    write(share, total);
                }
            }
        }

        void Family(string name, string help, Func<OperationTotal, long> value)
        {
            Begin(name, "counter", help);
            Each((share, total) => Sample(name, value(total), Labels(share, total)));
        }

        Family("kaleidofs_operations_total", "FUSE operations answered, failures included.", total => total.Operations);
        Family("kaleidofs_waited_operations_total", "Operations that had to wait for the source.", total => total.Waited);
        Family("kaleidofs_sent_bytes_total", "Payload of replies, headers not counted: what was read.", total => total.Sent);
        Family("kaleidofs_received_bytes_total", "Payload of requests, headers not counted: what was written, and names.", total => total.Received);
        Begin("kaleidofs_errors_total", "counter", "Operations answered with an error.");
        Each((share, total) =>
        {
            foreach ((Errno errno, long count) in total.Errors)
            {
                Sample("kaleidofs_errors_total", count, [.. Labels(share, total), ("errno", OperationTotal.NameOf(errno))]);
            }
        });
        const string Duration = "kaleidofs_operation_duration_seconds";
        Begin(Duration, "histogram", "From a request's copy to its reply. Of operations answered at once a sample is timed and scaled; of those that waited every one.");
        Each((share, total) =>
        {
            for (int bits = LowestBound; bits <= HighestBound; bits += 2)
            {
                Sample(Duration + "_bucket", total.Latency.CountBelow(1L << bits), [.. Labels(share, total), ("le", Number((1L << bits) / 1e9))]);
            }
            Sample(Duration + "_bucket", total.Latency.Count, [.. Labels(share, total), ("le", "+Inf")]);
            Sample(Duration + "_sum", total.Latency.SumNanoseconds / 1e9, Labels(share, total));
            Sample(Duration + "_count", total.Latency.Count, Labels(share, total));
        });
    }

    private void WriteQueues(IReadOnlyList<ShareSnapshot> shares)
    {
        void Family(string name, string type, string help, Func<QueueTotal, long> value)
        {
            Begin(name, type, help);
            foreach (ShareSnapshot share in shares)
            {
                foreach (QueueTotal queue in share.Queues)
                {
                    Sample(name, value(queue), [("share", share.Probe.Name), ("queue", Number(queue.Queue))]);
                }
            }
        }

        Family("kaleidofs_queue_outstanding", "gauge", "Requests of a queue (or of a mount's thread) that wait for the source now.", queue => queue.Outstanding);
        Family("kaleidofs_queue_operations_total", "counter", "Operations of a queue. Divided by its batches: the depth at which it is used.", queue => queue.Operations);
        Family("kaleidofs_queue_batches_total", "counter", "How often a queue's thread found requests.", queue => queue.Batches);
        Family("kaleidofs_queue_sleeps_total", "counter", "How often a queue's thread slept for want of work.", queue => queue.Sleeps);
        Family("kaleidofs_queue_signals_total", "counter", "How often a queue's guest was signalled.", queue => queue.Signals);
        Begin("kaleidofs_share_info", "gauge", "What is served, and where.");
        foreach (ShareSnapshot share in shares)
        {
            Sample("kaleidofs_share_info", 1, [("share", share.Probe.Name), ("source", share.Probe.Source), ("transport", share.Probe.Transport), ("endpoint", share.Probe.Endpoint)]);
        }
    }

    private void WriteProcess(HostSnapshot snapshot)
    {
        void Single(string name, string type, string help, double value)
        {
            Begin(name, type, help);
            Sample(name, value, []);
        }

        Single("kaleidofs_cache_hits_total", "counter", "Blocks of decoded content that were at hand.", snapshot.Cache.Hits);
        Single("kaleidofs_cache_misses_total", "counter", "Blocks that had to be loaded.", snapshot.Cache.Misses);
        Single("kaleidofs_cache_evictions_total", "counter", "Blocks dropped to stay within the budget.", snapshot.Cache.Evictions);
        Single("kaleidofs_cache_bytes", "gauge", "Decoded content that is kept.", snapshot.Cache.Bytes);
        Single("kaleidofs_cache_budget_bytes", "gauge", "The most that is kept.", snapshot.Cache.Budget);
        Single("kaleidofs_disk_cache_hits_total", "counter", "Blocks that were read from the cache's tier on disk.", snapshot.Disk.Hits);
        Single("kaleidofs_disk_cache_misses_total", "counter", "Blocks that it was asked for and did not have.", snapshot.Disk.Misses);
        Single("kaleidofs_disk_cache_written_total", "counter", "Blocks that this process put into it.", snapshot.Disk.Written);
        Single("kaleidofs_disk_cache_damaged_total", "counter", "Blocks in it that were not what was written.", snapshot.Disk.Damaged);
        Single("kaleidofs_disk_cache_bytes", "gauge", "What it takes, all processes' together.", snapshot.Disk.Bytes);
        Single("kaleidofs_disk_cache_budget_bytes", "gauge", "The most that it may take; 0: there is none.", snapshot.Disk.Bound);
        Begin("kaleidofs_gc_collections_total", "counter", "Garbage collections of a generation or a higher one.");
        for (int generation = 0; generation < snapshot.Collections.Count; generation++)
        {
            Sample("kaleidofs_gc_collections_total", snapshot.Collections[generation], [("generation", Number(generation))]);
        }
        Single("kaleidofs_gc_pause_seconds_total", "counter", "How long garbage collections paused the process.", snapshot.TotalPause.TotalSeconds);
        Single("kaleidofs_gc_longest_pause_seconds", "gauge", "The longest of those pauses.", snapshot.LongestPause.TotalSeconds);
        Single("kaleidofs_gc_heap_bytes", "gauge", "The garbage-collected heap.", snapshot.HeapBytes);
        Single("process_resident_memory_bytes", "gauge", "Memory of the process that is in RAM.", snapshot.ResidentBytes);
        Single("process_start_time_seconds", "gauge", "When the process began, in seconds since 1970.", (snapshot.Started - DateTime.UnixEpoch).TotalSeconds);
    }

    private static (string Name, string Value)[] Labels(ShareSnapshot share, OperationTotal total)
        => [("share", share.Probe.Name), ("opcode", OpcodeName.Of(total.Opcode))];

    private void Begin(string name, string type, string help)
        => _text.Append("# HELP ").Append(name).Append(' ').Append(help).Append("\n# TYPE ").Append(name).Append(' ').Append(type).Append('\n');

    private void Sample(string name, double value, ReadOnlySpan<(string Name, string Value)> labels)
    {
        _text.Append(name);
        for (int i = 0; i < labels.Length; i++)
        {
            _text.Append(i == 0 ? '{' : ',').Append(labels[i].Name).Append("=\"");
            foreach (char character in labels[i].Value)
            {
                _ = character switch
                {
                    '\\' => _text.Append("\\\\"),
                    '"' => _text.Append("\\\""),
                    '\n' => _text.Append("\\n"),
                    _ => _text.Append(character),
                };
            }
            _text.Append('"');
        }
        if (labels.Length > 0)
        {
            _text.Append('}');
        }
        _text.Append(' ').Append(Number(value)).Append('\n');
    }

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
