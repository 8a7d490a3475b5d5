using System.Globalization;
using System.Text;
using Kaleidofs.Tests.Bench.DataPlane;
using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Bench.Worlds;

/// <summary>What a generated tree costs once it is there, and what is added to the time of the server that writes it.</summary>
internal static class WorldBenchmark
{
    private const int DataLength = 1 << 20;
    private const int Entries = 400;

    private const string Help = """
        usage: llm [--runs N]

        First files that a server writes as they are read, mounted by /dev/fuse with -o stream: milliseconds to the first byte, beside a
        client that asks the server itself, and the time of one reader of a whole file beside 64 of them. Then a world that is there
        already, over vhost-user, beside the null driver, front end and daemons on one processor: operations a second, microseconds,
        and the world's rate as a part of the null driver's. Medians of N runs (default 5).
        """;

    public static async Task<int> RunAsync(string[] args)
    {
        int runs = 5;
        if (!CountOption.TryRead(args, "--runs", Help, ref runs, out int status))
        {
            return status;
        }
        Daemon.BuildKaleidofs();
        await WrittenFiles.MeasureAsync(runs);
        MeasureWarm(runs);
        return 0;
    }

    private static void MeasureWarm(int runs)
    {
        if (!DataPlaneOptions.TryParse(["--pin", "0", "--rounds", runs.ToString(CultureInfo.InvariantCulture)], out DataPlaneOptions options, out string? error))
        {
            throw new InvalidOperationException(error);
        }
        using TemporaryFolder folder = new();
        using TemporaryFolder other = new();
        string world = folder.Write("world.toml", MakeWorld());
        string worlds = Directory.CreateDirectory(folder.At("worlds")).FullName;
        // Listed and complete before it is measured.
        Shell.Run("\"$1\" ls \"llm:$2\" entries -o worlds=\"$3\" && \"$1\" cat \"llm:$2\" data -o worlds=\"$3\" | wc -c", Repository.At("kaleidofs"), world, worlds).Succeeded();
        using Contender generated = new("llm", () => Daemon.StartKaleidofs(folder, ["-o", $"worlds={worlds}"], $"llm:{world}"));
        using Contender nothing = new("null", () => Daemon.StartKaleidofs(other, ["-o", string.Create(CultureInfo.InvariantCulture, $"size={DataLength},entries={Entries}")]));
        // The daemons inherit it.
        Affinity.Pin(options.Cpu!.Value);
        Console.WriteLine($"{"work",-12} {"depth",5} {"daemon",-6} {"ops/s",10} {"p50",8} {"p99",8} {"x null",7}");
        foreach (Workload workload in Workload.All.Select(workload => workload.On(DataLength)))
        {
            foreach (int depth in (int[])[1, 32])
            {
                List<CaseResult> ours = [];
                List<CaseResult> theirs = [];
                for (int round = 0; round < runs; round++)
                {
                    TimeSpan warmup = round == 0 ? options.Warmup / 3 : options.Warmup / 10;
                    ours.Add(generated.Measure(workload, 1, depth, warmup, options));
                    theirs.Add(nothing.Measure(workload, 1, depth, warmup, options));
                }
                CaseResult their = CaseResult.Median(theirs);
                Print(workload, depth, "llm", CaseResult.Median(ours), their);
                Print(workload, depth, "null", their, their);
            }
        }
    }

    private static void Print(Workload workload, int depth, string name, CaseResult result, CaseResult reference)
        => Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{workload.Name,-12} {depth,5} {name,-6} {result.OperationsPerSecond,10:0} {result.P50,8:0.0} {result.P99,8:0.0} {result.OperationsPerSecond / reference.OperationsPerSecond,7:0.00}"));

    private static string MakeWorld()
    {
        StringBuilder toml = new("premise = \"a benchmark\"\n[[entry]]\npath = \"data\"\ntext = \"");
        toml.Append('x', DataLength).Append("\"\n");
        for (int i = 0; i < Entries; i++)
        {
            toml.Append(CultureInfo.InvariantCulture, $"[[entry]]\npath = \"entries/{Workload.SmallFile(i)}\"\ntext = \"x\"\n");
        }
        return toml.ToString();
    }
}
