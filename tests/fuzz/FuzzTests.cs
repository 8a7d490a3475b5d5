using Xunit.Abstractions;

[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Kaleidofs.Tests.Fuzz;

/// <summary>Some seconds of each target, from the same seed each time; Program runs them for longer, and from others.</summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const ulong FirstSeed = 1;

    [Theory]
    [InlineData("session", 12)]
    [InlineData("archive", 6)]
    [InlineData("ring", 6)]
    [InlineData("race", 8)]
    [InlineData("device", 14)]
    [InlineData("process", 14)]
    public void No_input_breaks_a_promise(string target, double seconds)
    {
        using FuzzTarget fuzzed = Program.Targets[target]();
        output.WriteLine(Fuzzer.Run(fuzzed, FuzzSettings.Seconds ?? seconds, FuzzSettings.Seed ?? FirstSeed));
    }
}
