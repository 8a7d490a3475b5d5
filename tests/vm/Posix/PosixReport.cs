using System.Text;
using Kaleidofs.Tests.Posix;

namespace Kaleidofs.Tests.Vm.Posix;

/// <summary>A run of the whole table, or several of its parts: what was said of each case.</summary>
public sealed class PosixReport
{
    private readonly Dictionary<string, string> _failures = [];
    private readonly HashSet<string> _passed = [];
    private readonly string _all;

    public PosixReport(params CommandResult[] runs)
    {
        _all = string.Concat(runs.Select(run => $"exit status {run.Status}\n{run.Error}\n{run.Text}"));
        foreach (string line in runs.SelectMany(run => Encoding.UTF8.GetString(run.Output).Split('\n')))
        {
            if (line.StartsWith("ok ", StringComparison.Ordinal))
                _passed.Add(line[3..]);
            else if (line.StartsWith("not ok ", StringComparison.Ordinal) && PosixCases.All.Keys.FirstOrDefault(name => line[7..].StartsWith(name + ": ", StringComparison.Ordinal)) is { } name)
                _failures[name] = line[(9 + name.Length)..];
        }
    }

    /// <summary>The table's names, as xunit takes them.</summary>
    public static TheoryData<string> Names => [.. PosixCases.All.Keys];

    /// <summary>Fails unless the case ran and was kept.</summary>
    public void Expect(string name)
    {
        if (!_passed.Contains(name))
            Assert.Fail(_failures.TryGetValue(name, out string? why) ? why : "the case did not run to its end: " + (_all.Length > 3000 ? _all[^3000..] : _all));
    }
}
