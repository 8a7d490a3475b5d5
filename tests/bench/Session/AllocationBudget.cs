using System.Text.Json;
using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Bench.Session;

/// <summary>The bytes that each operation may allocate, as the repository has them.</summary>
internal static class AllocationBudget
{
    public const string Path = "tests/bench/Session/allocation-budget.json";

    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true };

    public static IReadOnlyDictionary<string, long> Read()
        => JsonSerializer.Deserialize<Dictionary<string, long>>(File.ReadAllText(Repository.At(Path)))!;

    public static void Write(IReadOnlyDictionary<string, long> budget)
        => File.WriteAllText(Repository.At(Path), JsonSerializer.Serialize(budget, Format) + "\n");
}
