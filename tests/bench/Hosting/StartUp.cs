using System.Diagnostics;
using System.Globalization;
using Kaleidofs.Tests.Bench.Archive;
using Kaleidofs.Tests.Bench.DataPlane;
using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Bench.Hosting;

/// <summary>How long a newcomer waits: from the start of ./kaleidofs until it has done, or serves.</summary>
internal static class StartUp
{
    private const string Help = """
        usage: startup [--runs N]

        Milliseconds from the start of ./kaleidofs, built before: until it has told its version, has listed a small zip, listens
        on a socket, and has mounted. The process confines itself, which is another start of the runtime; the same with
        --sandbox=none beside it. Median and range of N runs (default 11).
        """;

    public static int Run(string[] args)
    {
        int runs = 11;
        if (!CountOption.TryRead(args, "--runs", Help, ref runs, out int status))
        {
            return status;
        }
        Daemon.BuildKaleidofs();
        using TemporaryFolder folder = new();
        string zip = folder.At("small.zip");
        StoredZip.Write(zip, entries: 100, directories: 10);
        Console.WriteLine($"{"until",-36} {"median ms",10} {"from",7} {"to",7}");
        Show("--version has ended", runs, () => Finish("--version"));
        Show("ls of a zip has ended", runs, () => Finish("ls", zip));
        foreach (string sandbox in new[] { "auto", "none" })
        {
            Show($"serve listens, --sandbox={sandbox}", runs, () => HostProcess.Serve(zip, "--sandbox", sandbox).Dispose);
            if (HostProcess.MountMissing is null)
            {
                Show($"mount is there, --sandbox={sandbox}", runs, () => HostProcess.Mount(zip, "--sandbox", sandbox).Dispose);
            }
        }
        return 0;
    }

    /// <param name="what">What is waited for.</param>
    /// <param name="runs">How often.</param>
    /// <param name="start">Starts and waits; what it returns ends it, which is not timed.</param>
    private static void Show(string what, int runs, Func<Action> start)
    {
        double[] times = new double[runs];
        start()();
        for (int i = 0; i < runs; i++)
        {
            long began = Stopwatch.GetTimestamp();
            Action end = start();
            times[i] = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            end();
        }
        Array.Sort(times);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-36} {times[runs / 2],10:F0} {times[0],7:F0} {times[^1],7:F0}"));
    }

    private static Action Finish(params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(Repository.At("kaleidofs"), arguments) { RedirectStandardOutput = true })!;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return static () => { };
    }
}
