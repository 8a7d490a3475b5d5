using System.Diagnostics;
using Kaleidofs.Diagnostics;

namespace Kaleidofs.Tests.Bench.DataPlane;

/// <summary>One measurement: a connection of its own, a thread a queue.</summary>
internal static class DataPlaneCase
{
    public static CaseResult Run(Daemon daemon, Workload workload, int queues, int depth, TimeSpan warmup, DataPlaneOptions options)
    {
        using Load load = Load.Start(daemon.SocketPath, workload, queues, depth, options.Cpu, options.FrontEnd);
        Thread.Sleep(warmup);
        return Measure(load, daemon.ProcessId, options.Duration);
    }

    public static CaseResult Measure(Load load, int daemon, TimeSpan duration)
    {
        TimeSpan daemonTime = -CpuTime.Of(daemon);
        TimeSpan ownTime = -CpuTime.Of(Environment.ProcessId);
        long start = Stopwatch.GetTimestamp();
        load.StartCounting();
        Thread.Sleep(duration);
        load.StopCounting();
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        daemonTime += CpuTime.Of(daemon);
        ownTime += CpuTime.Of(Environment.ProcessId);
        LatencyHistogram all = load.Stop();
        return new CaseResult(load.Operations / seconds, all.Percentile(0.5) / 1000, all.Percentile(0.99) / 1000, all.Percentile(0.999) / 1000,
            daemonTime.TotalMicroseconds / load.Operations, ownTime.TotalMicroseconds / load.Operations);
    }
}
