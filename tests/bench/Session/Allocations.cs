using System.Diagnostics;
using System.Globalization;
using System.Reflection;

namespace Kaleidofs.Tests.Bench.Session;

/// <summary>Bytes allocated by each operation, counted to the byte and held against the budget.</summary>
internal static class Allocations
{
    private const int Rounds = 1000;

    private const string Help = """
        usage: allocations [--update]

        Counts what the thread allocates that dispatches each operation: exact, whatever else the machine does. Ends with 1
        if an operation takes more than its budget, or less: then the budget is out of date, and --update writes it anew
        into tests/bench/Session/allocation-budget.json.
        """;

    public static int Run(string[] args)
    {
        bool update = args is ["--update"];
        if (args.Length > 0 && !update)
        {
            Console.WriteLine(Help);
            return args is ["--help" or "-h"] ? 0 : 2;
        }
        if (Assembly.GetExecutingAssembly().GetCustomAttribute<DebuggableAttribute>()?.IsJITOptimizerDisabled == true)
        {
            Console.Error.WriteLine("bench: code that is not optimized allocates what other code does not: -c Release");
            return 2;
        }
        if (AppContext.TryGetSwitch("System.Runtime.TieredCompilation", out bool isTiered) && !isTiered
            || Environment.GetEnvironmentVariable("DOTNET_TieredCompilation") == "0")
        {
            return Measure(update);
        }
        // In a process where every method is compiled once, and optimized: what it allocates does not change then as it runs.
        ProcessStartInfo start = new(Environment.ProcessPath!, ["allocations", .. args]);
        start.Environment["DOTNET_TieredCompilation"] = "0";
        using Process process = Process.Start(start)!;
        process.WaitForExit();
        return process.ExitCode;
    }

    private static int Measure(bool update)
    {
        IReadOnlyDictionary<string, long> budget = update ? new Dictionary<string, long>() : AllocationBudget.Read();
        Dictionary<string, long> measured = [];
        int status = 0;
        Console.WriteLine($"{"operation",-42} {"bytes",6}  budget");
        using SessionOperations operations = new();
        foreach (SessionOperation operation in operations.All)
        {
            long bytes = measured[operation.Name] = Count(operation.Run);
            string verdict = !budget.TryGetValue(operation.Name, out long allowed) ? "none"
                : bytes > allowed ? $"{allowed}: EXCEEDED"
                : bytes < allowed ? $"{allowed}: OUT OF DATE, it takes less (allocations --update)"
                : allowed.ToString(CultureInfo.InvariantCulture);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{operation.Name,-42} {bytes,6}  {verdict}"));
            if (bytes != allowed || !budget.ContainsKey(operation.Name))
            {
                status = 1;
            }
        }
        foreach (string name in budget.Keys.Except(measured.Keys))
        {
            Console.WriteLine($"{name,-42} {"-",6}  OUT OF DATE, there is no such operation");
            status = 1;
        }
        if (update)
        {
            AllocationBudget.Write(measured);
            return 0;
        }
        return status;
    }

    /// <summary>Bytes an operation; tables that grow and pools that fill have done so before.</summary>
    private static long Count(Action run)
    {
        long bytes = 0;
        for (int pass = 0; pass < 2; pass++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < Rounds; i++)
            {
                run();
            }
            bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        }
        return (bytes + Rounds - 1) / Rounds;
    }
}
