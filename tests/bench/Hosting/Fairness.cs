using System.Globalization;
using Kaleidofs.Tests.Bench.DataPlane;
using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Bench.Hosting;

/// <summary>A quiet share beside a busy one: what it still gets, in the same process and, as the measure of it, in another.</summary>
internal static class Fairness
{
    private const int BusyQueues = 4;
    private const int BusyDepth = 32;
    private const string SmallCache = "1M";

    /// <summary>Of what a neighbour in another process leaves.</summary>
    private const double LeastRate = 0.5;
    private const double MostLatency = 2;

    private const string Help = """
        usage: fairness [--seconds S] [--rounds R]

        A quiet share asks one thing at a time: attributes, of the null driver; or small files from a zip, none of which is in the cache,
        so that each has to be inflated. Beside it is nobody, or a busy share with four queues of 32 requests, one of which has a driver that
        burns the CPU on the thread pool, which all shares have in common: in the same process, and in a process of its own, which is what
        the operating system's own fairness gives. A line each: the quiet share's operations a second, its latencies in microseconds, and the
        busy share's rate. It ends with what that means: the same process should leave at least half of the rate, and at most twice the p99,
        that the other process leaves, by the medians of R rounds (default 3), in which the two take turns: one run's p99 may be forty
        times another's of the same. S seconds a line (default 2); a run takes four minutes.
        """;

    /// <summary>Where the driver that burns was built: beside this program, in the same configuration.</summary>
    private static string HostileDriver
    {
        get
        {
            string own = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
            return Path.GetFullPath(Path.Combine(own, "../..", "Kaleidofs.Tests.Hostile", Path.GetFileName(own)));
        }
    }

    public static int Run(string[] args)
    {
        double seconds = 2;
        int rounds = 3;
        for (int i = 0; i < args.Length; i += 2)
        {
            string value = i + 1 < args.Length ? args[i + 1] : "";
            bool read = args[i] switch
            {
                "--seconds" => double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out seconds) && seconds > 0,
                "--rounds" => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out rounds) && rounds > 0,
                _ => false,
            };
            if (!read)
            {
                Console.WriteLine(Help);
                return args is ["--help" or "-h"] ? 0 : 2;
            }
        }
        Daemon.BuildKaleidofs();
        using TemporaryFolder folder = new();
        HostedShare busyNull = new("busy-null", "null:", BusyQueues);
        HostedShare busyZip = new("busy-zip", InflatedZip.Write(folder, "busy.zip"), BusyQueues);
        HostedShare burning = new("burning", $"hostile:{InflatedZip.Write(folder, "burning.zip")}", BusyQueues);
        HostedShare quietNull = new("quiet-null", "null:");
        HostedShare quietZip = new("quiet-zip", InflatedZip.Write(folder, "quiet.zip"));
        (HostedShare Share, Workload Work)[] quiet = [(quietNull, Workload.Find("getattr")), (quietZip, Workload.ReadSmallFiles)];
        (HostedShare Share, Workload Work)[] busy = [(busyNull, Workload.Find("getattr")), (busyNull, Workload.Find("read1m")), (busyZip, Workload.ReadSmallFiles), (burning, Workload.Burn)];
        List<string> verdict = [];
        Console.WriteLine($"{"quiet share",-16} {"beside",-18} {"in",-16} {"ops/s",9} {"p50",9} {"p99",9} {"p99.9",9} {"busy ops/s",11}");
        TimeSpan duration = TimeSpan.FromSeconds(seconds);
        foreach ((HostedShare share, Workload work) in quiet)
        {
            using (Daemon host = Daemon.StartHost(folder, [share], SmallCache))
            {
                Measure(folder, share, work, null, null, "", host, duration);
            }
            foreach ((HostedShare neighbour, Workload load) in busy)
            {
                CaseResult[] same = new CaseResult[rounds], other = new CaseResult[rounds];
                for (int round = 0; round < rounds; round++)
                {
                    using (Daemon host = Daemon.StartHost(folder, [share, neighbour], SmallCache, driverPath: HostileDriver))
                    {
                        same[round] = Measure(folder, share, work, neighbour, load, "the same process", host, duration);
                    }
                    using Daemon first = Daemon.StartHost(folder, [share], SmallCache);
                    using Daemon second = Daemon.StartHost(folder, [neighbour], SmallCache, driverPath: HostileDriver);
                    other[round] = Measure(folder, share, work, neighbour, load, "another process", first, duration);
                }
                verdict.Add(Verdict.AtLeast($"{work.Name} beside {load.Name}: rate", LeastRate,
                    Median(same, result => result.OperationsPerSecond) / Median(other, result => result.OperationsPerSecond)));
                verdict.Add(Verdict.AtMost($"{work.Name} beside {load.Name}: p99", MostLatency,
                    Median(same, result => result.P99) / Median(other, result => result.P99)));
            }
        }
        Verdict.Print(verdict);
        return 0;
    }

    private static double Median(CaseResult[] rounds, Func<CaseResult, double> figure)
    {
        double[] sorted = [.. rounds.Select(figure).Order()];
        return sorted[sorted.Length / 2];
    }

    private static CaseResult Measure(TemporaryFolder folder, HostedShare share, Workload work, HostedShare? neighbour, Workload? load, string place, Daemon host, TimeSpan duration)
    {
        using Load? busy = neighbour is null ? null : Load.Start(neighbour.SocketIn(folder), load!, BusyQueues, BusyDepth);
        using Load quiet = Load.Start(share.SocketIn(folder), work, queues: 1, depth: 1);
        Thread.Sleep(duration / 2);
        busy?.StartCounting();
        CaseResult result = DataPlaneCase.Measure(quiet, host.ProcessId, duration);
        busy?.StopCounting();
        busy?.Stop();
        string rate = busy is null ? "-" : (busy.Operations / duration.TotalSeconds).ToString("0", CultureInfo.InvariantCulture);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{work.Name,-16} {load?.Name ?? "nobody",-18} {place,-16} {result.OperationsPerSecond,9:0} {result.P50,9:0} {result.P99,9:0} {result.P999,9:0} {rate,11}"));
        return result;
    }
}
