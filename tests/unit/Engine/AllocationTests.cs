using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Unit.Engine;

/// <summary>What a session allocates, by the budget file. Counted on one thread, in a process of its own: exact, whatever else runs.</summary>
public sealed class AllocationTests
{
    private static readonly string[] Cached = ["lookup", "lookup of an absent name", "getattr", "readdirplus 4 KiB"];

    [SkippableFact]
    public void Every_operation_allocates_exactly_its_budget()
    {
        Assembly own = typeof(AllocationTests).Assembly;
        Skip.If(own.GetCustomAttribute<DebuggableAttribute>()?.IsJITOptimizerDisabled == true, "not a release build: unoptimized code allocates what other code does not");
        // Built for this project, beside it.
        string output = AppContext.BaseDirectory.Replace("/Kaleidofs.Tests.Unit/", "/Kaleidofs.Tests.Bench/", StringComparison.Ordinal);
        string dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../../dotnet"));
        CommandResult counted = Shell.Run("DOTNET_TieredCompilation=0 exec \"$1\" exec \"$2\" allocations", dotnet, Path.Combine(output, "Kaleidofs.Tests.Bench.dll"));
        Assert.True(counted.Status == 0, counted.Text + counted.Error);
    }

    [Fact]
    public void What_is_answered_from_memory_has_a_budget_of_nothing()
    {
        Dictionary<string, long> budget = JsonSerializer.Deserialize<Dictionary<string, long>>(File.ReadAllText(Repository.At("tests/bench/Session/allocation-budget.json")))!;
        foreach (string source in (string[])["null", "zip"])
        {
            Assert.All(Cached, operation => Assert.Equal(0, budget[$"{source}: {operation}"]));
        }
        KeyValuePair<string, long>[] reads = [.. budget.Where(pair => pair.Key.Contains(": read ", StringComparison.Ordinal) && pair.Key.Contains("KiB", StringComparison.Ordinal))];
        Assert.Equal(6, reads.Length);
        Assert.All(reads, read => Assert.Equal(0, read.Value));
    }
}
