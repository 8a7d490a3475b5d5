using System.Globalization;
using Kaleidofs.Tests.Bench.DataPlane;
using Kaleidofs.Tests.Support;
using Microsoft.Diagnostics.Tracing;
using Microsoft.Diagnostics.Tracing.Analysis;
using Microsoft.Diagnostics.Tracing.Parsers.Clr;

namespace Kaleidofs.Tests.Bench.Hosting;

/// <summary>How long the garbage collector stops a host under load, from the runtime's own events.</summary>
internal static class CollectorPauses
{
    private const double Aim = 2;

    private const string Help = """
        usage: gc [--seconds S]

        One host with two busy shares for S seconds (default 20): attributes of the null driver, two queues of 32 requests, which allocate nothing; and
        small files from a zip, two queues of 32, none of which is in the cache, so that each waits to be inflated, which allocates.
        Then the collections and their pauses, in milliseconds, as the runtime traced them (EventPipe): whole, and without the time in which the
        threads were stopped and started again, which on a busy machine is the scheduler's. The host's own collections before the load do not count.
        """;

    public static int Run(string[] args)
    {
        double seconds = 20;
        if (args is ["--seconds", var text] && double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double given) && given > 0)
        {
            seconds = given;
        }
        else if (args.Length > 0)
        {
            Console.WriteLine(Help);
            return args is ["--help" or "-h"] ? 0 : 2;
        }
        Daemon.BuildKaleidofs();
        using TemporaryFolder folder = new();
        string trace = folder.At("trace.nettrace");
        // Not confined: the runtime could not write its trace.
        Dictionary<string, string> environment = new()
        {
            ["DOTNET_EnableEventPipe"] = "1",
            // The collector's events, informational.
            ["DOTNET_EventPipeConfig"] = "Microsoft-Windows-DotNETRuntime:0x1:4",
            ["DOTNET_EventPipeOutputPath"] = trace,
        };
        HostedShare quick = new("quick", "null:", Queues: 2);
        HostedShare slow = new("slow", InflatedZip.Write(folder, "slow.zip"), Queues: 2);
        TimeSpan duration = TimeSpan.FromSeconds(seconds);
        using (Daemon host = Daemon.StartHost(folder, [quick, slow], cacheSize: "1M", sandbox: "none", environment: environment))
        {
            using (Load answered = Load.Start(quick.SocketIn(folder), Workload.Find("getattr"), queues: 2, depth: 32))
            using (Load inflated = Load.Start(slow.SocketIn(folder), Workload.ReadSmallFiles, queues: 2, depth: 32))
            {
                answered.StartCounting();
                inflated.StartCounting();
                Thread.Sleep(duration);
                answered.Stop();
                inflated.Stop();
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{answered.Operations / seconds:N0} attributes and {inflated.Operations / seconds:N0} inflated files a second"));
            }
            host.Stop();
        }
        Report(Pauses(trace), seconds);
        return 0;
    }

    private static void Report(List<Pause> pauses, double seconds)
    {
        Console.WriteLine($"{"generation, why",-24} {"collections",12} {"median ms",10} {"longest ms",11} {"collecting",11}");
        foreach (IGrouping<string, Pause> generation in pauses.GroupBy(pause => pause.Kind).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            double[] sorted = [.. generation.Select(pause => pause.Whole).Order()];
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{generation.Key,-24} {sorted.Length,12} {sorted[sorted.Length / 2],10:0.00} {sorted[^1],11:0.00} {generation.Max(pause => pause.Collecting),11:0.00}"));
        }
        double longest = pauses.Select(pause => pause.Whole).DefaultIfEmpty().Max();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"longest pause {longest:0.00} ms of {pauses.Count} in {seconds:0} s, wanted <= {Aim:0} ms: {(longest <= Aim ? "met" : "MISSED")}"));
    }

    private static List<Pause> Pauses(string trace)
    {
        List<Pause> pauses = [];
        using EventPipeEventSource source = new(trace);
        source.NeedLoadedDotNetRuntimes();
        source.AddCallbackOnProcessStart(process => process.AddCallbackOnDotNetRuntimeLoad(runtime =>
            runtime.GCEnd += (_, collection) =>
            {
                if (collection.Reason != GCReason.Induced)
                {
                    // A collection beside the threads stops them only for a part of its duration.
                    pauses.Add(new Pause($"{collection.Generation}, {collection.Reason}", collection.PauseDurationMSec, Math.Min(collection.DurationMSec, collection.PauseDurationMSec)));
                }
            }));
        source.Process();
        return pauses;
    }

    /// <param name="Kind">The generation and what made the runtime collect it.</param>
    /// <param name="Whole">Milliseconds from the wish to stop the threads to the last one's start.</param>
    /// <param name="Collecting">Milliseconds of them in which garbage was collected.</param>
    private sealed record Pause(string Kind, double Whole, double Collecting);
}
