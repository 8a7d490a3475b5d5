using System.Globalization;
using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Bench.DataPlane;

/// <summary>The daemons side by side: the same front end, the same work, the same run.</summary>
internal static class DataPlaneBenchmark
{
    private const string Help = """
        usage: dataplane [options]

          --work NAMES      getattr,lookup,readdirplus,read4k,read64k,read1m (default: all)
          --queues LIST     request queues used at once (default 1,2,4)
          --depth LIST      requests outstanding on each queue (default 1,8,32)
          --rounds N        each case is measured so often, the daemons taking turns; medians are shown (default 3)
          --seconds S       measured time of a round (default 0.5)
          --warmup S        time before the first measurement of each work (default 3); a tenth of it before every other
          --pin CPU         front end and daemon on this CPU alone: on virtual machines waking an idle CPU
                            costs more than a request, so an unpinned depth of 1 measures the hypervisor
          -o KEY=VALUE      an option for kaleidofs serve (poll=US)
          --server COMMAND  another daemon than kaleidofs, by a shell; {socket} stands for its socket path and
                            {share} for a directory with the files that are asked for
          --packed          packed rings, which the peers do not have
          --no-peer         leave out virtiofsd and the responder

        Beside kaleidofs with the null driver: virtiofsd on a tmpfs, where it is installed, and a responder in C that
        does nothing but answer, where there is a C compiler: what this machine and this front end allow at all.
        A line a daemon: operations a second, latencies in microseconds, and CPU microseconds an operation, the daemon's
        and the front end's own; then how many times the rate of each peer the first daemon reached. The end says which
        of the project's aims that meets. Pinned, 1,000,000 divided by the sum of the two CPU columns is the rate that
        a CPU without other work gives. All of it takes six minutes, '--pin 1 --queues 1' three.
        """;

    public static int Run(string[] args)
    {
        if (!DataPlaneOptions.TryParse(args, out DataPlaneOptions options, out string? error))
        {
            if (error is null)
            {
                Console.WriteLine(Help);
                return 0;
            }
            Console.Error.WriteLine($"bench: {error}; --help lists the options");
            return 2;
        }
        try
        {
            MeasureAll(options);
            return 0;
        }
        catch (Exception failure) when (failure is IOException or TimeoutException or InvalidOperationException)
        {
            Console.Error.WriteLine($"bench: {failure.Message}");
            return 1;
        }
    }

    private static void MeasureAll(DataPlaneOptions options)
    {
        using TemporaryFolder folder = new();
        IReadOnlyList<Contender> contenders = Contenders(options, folder);
        if (options.Cpu is { } cpu)
        {
            // The daemons inherit it.
            Affinity.Pin(cpu);
        }
        string ratios = string.Concat(contenders.Skip(1).Select(peer => $" {"x " + peer.Name,12}"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{"work",-12} {"queues",6} {"depth",5} {"daemon",-10} {"ops/s",10} {"p50",8} {"p99",8} {"p99.9",8} {"cpu/op",7} {"fe/op",7}{ratios}"));
        Verdict verdict = new();
        try
        {
            foreach (Workload workload in options.Work)
            {
                TimeSpan warmup = options.Warmup;
                foreach ((int queues, int depth) in options.Queues.SelectMany(_ => options.Depths, (queues, depth) => (queues, depth)))
                {
                    Contender[] able = [.. contenders.Where(contender => queues <= contender.MaxQueues)];
                    CaseResult[] results = Measure(able, workload, queues, depth, warmup, options);
                    warmup = options.Warmup / 10;
                    Print(workload, queues, depth, contenders, able, results);
                    verdict.Add(workload.Name, queues, depth, able.Zip(results).ToDictionary(pair => pair.First.Name, pair => pair.Second));
                }
            }
        }
        finally
        {
            foreach (Contender contender in contenders)
            {
                contender.Dispose();
            }
        }
        verdict.Print(isPinned: options.Cpu is not null);
    }

    private static List<Contender> Contenders(DataPlaneOptions options, TemporaryFolder folder)
    {
        List<Contender> contenders = [];
        if (options.Server is { } command)
        {
            contenders.Add(new Contender("server", () => Daemon.Start("server", command, folder)));
        }
        else
        {
            // The building of what is missing is no part of a start.
            Daemon.BuildKaleidofs();
            contenders.Add(new Contender(Verdict.Kaleidofs, () => Daemon.StartKaleidofs(folder, options.HostOptions)));
        }
        if (!options.WithPeer)
        {
            return contenders;
        }
        if (Daemon.FindVirtiofsd() is { } virtiofsd)
        {
            contenders.Add(new Contender(Verdict.Virtiofsd, () => Daemon.StartVirtiofsd(virtiofsd, folder)) { MaxQueues = 1, ServesOneConnection = true });
        }
        else
        {
            Console.WriteLine("virtiofsd is not here: no peer to compare with (eng/peers.sh fetches it without installing anything)");
        }
        if (Responder.TryBuild(folder, out string program, out string? reason))
        {
            contenders.Add(new Contender(Verdict.Responder, () => Daemon.StartResponder(program, folder)));
        }
        else
        {
            Console.WriteLine($"the responder is not here: {reason}");
        }
        return contenders;
    }

    /// <summary>The daemons take turns, so that a machine that grows slower does so for all of them.</summary>
    private static CaseResult[] Measure(Contender[] contenders, Workload workload, int queues, int depth, TimeSpan warmup, DataPlaneOptions options)
    {
        List<CaseResult>[] rounds = [.. contenders.Select(_ => new List<CaseResult>())];
        for (int round = 0; round < options.Rounds; round++)
        {
            for (int i = 0; i < contenders.Length; i++)
            {
                rounds[i].Add(contenders[i].Measure(workload, queues, depth, round == 0 && i == 0 ? warmup : options.Warmup / 10, options));
            }
        }
        return [.. rounds.Select(CaseResult.Median)];
    }

    private static void Print(Workload workload, int queues, int depth, IReadOnlyList<Contender> all, Contender[] able, CaseResult[] results)
    {
        for (int i = 0; i < able.Length; i++)
        {
            CaseResult result = results[i];
            string ratios = i > 0 ? "" : string.Concat(all.Skip(1).Select(peer => Array.IndexOf(able, peer) is > 0 and var at
                ? string.Create(CultureInfo.InvariantCulture, $" {result.OperationsPerSecond / results[at].OperationsPerSecond,12:0.00}")
                : $" {"-",12}"));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{workload.Name,-12} {queues,6} {depth,5} {able[i].Name,-10} {result.OperationsPerSecond,10:0} {result.P50,8:0.0} {result.P99,8:0.0} {result.P999,8:0.0} {result.DaemonMicroseconds,7:0.00} {result.FrontEndMicroseconds,7:0.00}{ratios}"));
        }
    }
}
