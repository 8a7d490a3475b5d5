using System.Diagnostics;
using System.Globalization;
using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Unit.Host;

/// <summary>What shares cost that nobody uses.</summary>
[Collection(ProgramCollection.Name)]
public sealed class IdleSharesTests
{
    private const int Shares = 1000;

    [Fact]
    public void A_thousand_idle_shares_take_a_mebibyte_each_at_most_and_no_processor_time()
    {
        using TemporaryFolder folder = new();
        long one = Serve(folder, 1, ResidentKilobytes);
        (long all, bool isCalm) = Serve(folder, Shares, process => (ResidentKilobytes(process), BecomesCalm(process)));
        long each = (all - one) / (Shares - 1);
        Assert.True(each <= 1024, $"{each} KiB a share");
        Assert.True(isCalm, "there were no five seconds in which it did nothing");
    }

    private static T Serve<T>(TemporaryFolder folder, int shares, Func<Process, T> look)
    {
        string[] sockets = [.. Enumerable.Range(0, shares).Select(index => folder.At($"{shares}-{index}"))];
        string configuration = folder.Write("config.json",
            $$"""{ "log-level": "warning", "shares": [ {{string.Join(",\n", sockets.Select(socket => $$"""{ "name": "{{Path.GetFileName(socket)}}", "source": "null:", "socket-path": "{{socket}}" }"""))}} ] }""");
        using Process process = Process.Start(BuiltProgram.Program, ["host", "--config", configuration]);
        try
        {
            Deadline deadline = Deadline.After(TimeSpan.FromMinutes(3));
            while (!Array.TrueForAll(sockets, File.Exists))
            {
                Assert.False(process.HasExited || deadline.HasPassed, "not every share is served");
                Thread.Sleep(50);
            }
            return look(process);
        }
        finally
        {
            process.Kill();
            process.WaitForExit();
        }
    }

    /// <summary>Whether five seconds come in which it takes less than one percent of a processor. What the runtime does after a start is over sooner or later.</summary>
    private static bool BecomesCalm(Process process)
    {
        for (Deadline deadline = Deadline.After(TimeSpan.FromMinutes(2)); !deadline.HasPassed;)
        {
            TimeSpan before = Busy(process);
            Thread.Sleep(TimeSpan.FromSeconds(5));
            if (Busy(process) - before < TimeSpan.FromMilliseconds(50))
            {
                return true;
            }
        }
        return false;
    }

    private static TimeSpan Busy(Process process)
    {
        process.Refresh();
        return process.TotalProcessorTime;
    }

    private static long ResidentKilobytes(Process process)
        => long.Parse(File.ReadLines($"/proc/{process.Id}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture);
}
