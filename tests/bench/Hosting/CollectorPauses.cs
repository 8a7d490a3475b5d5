using System.Globalization;
using Kaleidofs.Tests.Bench.DataPlane;
using Kaleidofs.Tests.Support;
using Microsoft.Diagnostics.Tracing;
using Microsoft.Diagnostics.Tracing.Analysis;

namespace Kaleidofs.Tests.Bench.Hosting;

/// <summary>How long the garbage collector stops a host under load, from the runtime's own events.</summary>
internal static class CollectorPauses
{
    private const double Aim = 2;

    private const string Help = """
        usage: gc [--seconds S]

        One host with two busy shares for S seconds (default 20): attributes of the null driver, two queues of 32 requests, which allocate nothing; and
        small files from a zip, two queues of 32, none of which is in the cache, so that each waits to be inflated, which allocates.
        Then the collections and their pauses, in milliseconds, as the runtime traced them (EventPipe).
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

    private static void Report(List<(string Kind, double Milliseconds)> pauses, double seconds)
    {
        Console.WriteLine($"{"generation, why",-24} {"collections",12} {"median ms",10} {"longest ms",11}");
        foreach (IGrouping<string, double> generation in pauses.GroupBy(pause => pause.Kind, pause => pause.Milliseconds).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            double[] sorted = [.. generation.Order()];
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{generation.Key,-24} {sorted.Length,12} {sorted[sorted.Length / 2],10:0.00} {sorted[^1],11:0.00}"));
        }
        double longest = pauses.Select(pause => pause.Milliseconds).DefaultIfEmpty().Max();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"longest pause {longest:0.00} ms of {pauses.Count} in {seconds:0} s, wanted <= {Aim:0} ms: {(longest <= Aim ? "met" : "MISSED")}"));
    }

    private static List<(string Kind, double Milliseconds)> Pauses(string trace)
    {
        List<(string, double)> pauses = [];
        using EventPipeEventSource source = new(trace);
        source.NeedLoadedDotNetRuntimes();
        source.AddCallbackOnProcessStart(process => process.AddCallbackOnDotNetRuntimeLoad(runtime =>
            runtime.GCEnd += (_, collection) => pauses.Add(($"{collection.Generation}, {collection.Reason}", collection.PauseDurationMSec))));
        source.Process();
        return pauses;
    }
}
