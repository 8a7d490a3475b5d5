namespace Kaleidofs.Tests.Vm.Archives;

/// <summary>Says where two long outputs differ, instead of showing both.</summary>
public static class Difference
{
    public static void Expect(CommandResult expected, CommandResult actual)
    {
        if (expected.Output.AsSpan().SequenceEqual(actual.Output))
            return;
        string[] left = expected.Text.Split('\n');
        string[] right = actual.Text.Split('\n');
        IEnumerable<string> lines = left.Except(right).Take(10).Select(line => "- " + line)
            .Concat(right.Except(left).Take(10).Select(line => "+ " + line));
        Assert.Fail($"{left.Length} lines expected, {right.Length} found\n{string.Join('\n', lines)}");
    }
}
