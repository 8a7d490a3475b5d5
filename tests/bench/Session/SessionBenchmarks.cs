using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;

namespace Kaleidofs.Tests.Bench.Session;

/// <summary>Time and memory of each operation of a session, without a transport.</summary>
[MemoryDiagnoser]
public class SessionBenchmarks
{
    private SessionOperations? _operations;
    private Action _run = static () => { };

    public static IEnumerable<string> Operations
    {
        get
        {
            using SessionOperations operations = new();
            return [.. operations.All.Select(operation => operation.Name)];
        }
    }

    [ParamsSource(nameof(Operations))]
    public string Operation { get; set; } = "";

    /// <summary>Runs all of them, or what BenchmarkDotNet's own arguments choose: --filter '*getattr*'.</summary>
    internal static int Run(string[] args)
    {
        // In this process: the benchmark's project is not built a second time elsewhere.
        IConfig config = DefaultConfig.Instance.AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance).WithIterationCount(10).WithIterationTime(TimeInterval.FromMilliseconds(100)))
            .WithSummaryStyle(SummaryStyle.Default.WithMaxParameterColumnWidth(50));
        BenchmarkSwitcher.FromTypes([typeof(SessionBenchmarks)]).Run(args.Contains("--filter") ? args : ["--filter", "*", .. args], config);
        return 0;
    }

    [GlobalSetup]
    public void SetUp()
    {
        _operations = new SessionOperations();
        _run = _operations[Operation].Run;
    }

    [GlobalCleanup]
    public void CleanUp() => _operations?.Dispose();

    [Benchmark]
    public void Dispatch() => _run();
}
