using System.Globalization;
using Kaleidofs.Tests.Bench.DataPlane;
using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Bench.Mounts;

/// <summary>A mount on this machine by /dev/fuse and one over io_uring, by turns: the same work, the same run.</summary>
internal static class MountBenchmark
{
    private const string Help = """
        usage: mounts [options]

          --work NAMES    getattr,lookup,read4k,read64k,read1m (default: all); reads are direct, in order
          --clients LIST  threads that do it at once, each one operation after the other (default 1,4)
          --rounds N      each case is measured so often, the transports taking turns; medians are shown (default 3)
          --seconds S     measured time of a round (default 1)
          --pin CPU       clients and daemons on this CPU alone
          -o KEY=VALUE    an option for kaleidofs mount (threads=N)

        The null driver, mounted twice. A line a transport: operations a second, bytes a second, and CPU microseconds an
        operation, the daemon's and the clients' own (which have the kernel's half of the work in them).
        """;

    public static int Run(string[] args)
    {
        if (args is ["--help" or "-h"])
        {
            Console.WriteLine(Help);
            return 0;
        }
        try
        {
            MeasureAll(MountOptions.Parse(args));
            return 0;
        }
        catch (FormatException error)
        {
            Console.Error.WriteLine($"bench: {error.Message}; --help lists the options");
            return 2;
        }
        catch (Exception failure) when (failure is IOException or InvalidOperationException)
        {
            Console.Error.WriteLine($"bench: {failure.Message}");
            return 1;
        }
    }

    private static void MeasureAll(MountOptions options)
    {
        using FuseOverIoUring kernel = new();
        Daemon.BuildKaleidofs();
        if (options.Cpu is { } cpu)
        {
            Affinity.Pin(cpu);
        }
        List<(string Name, HostProcess Mount)> mounts = [("/dev/fuse", Mount(options, "off"))];
        if (kernel.Missing is null)
        {
            mounts.Add(("io_uring", Mount(options, "on")));
        }
        else
        {
            Console.WriteLine($"without io_uring: {kernel.Missing}");
        }
        try
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"load average at the start: {File.ReadAllText("/proc/loadavg").Trim()}"));
            Console.WriteLine("work      clients  transport        ops/s      MB/s   daemon us  clients us");
            foreach (MountWork work in options.Work)
            {
                foreach (int clients in options.Clients)
                {
                    Measure(options, mounts, work, clients);
                }
            }
        }
        finally
        {
            mounts.ForEach(mount => mount.Mount.Dispose());
        }
    }

    private static HostProcess Mount(MountOptions options, string ioUring)
        => HostProcess.Mount("null:", ["-o", $"io_uring={ioUring}", .. options.HostOptions]);

    private static void Measure(MountOptions options, List<(string Name, HostProcess Mount)> mounts, MountWork work, int clients)
    {
        List<MountResult>[] results = [.. mounts.Select(_ => new List<MountResult>())];
        for (int round = -1; round < options.Rounds; round++)
        {
            for (int i = 0; i < mounts.Count; i++)
            {
                MountResult result = MeasureOnce(mounts[i].Mount, work, clients, options.Duration);
                // The first is for code to be compiled, here and there.
                if (round >= 0)
                {
                    results[i].Add(result);
                }
            }
        }
        for (int i = 0; i < mounts.Count; i++)
        {
            MountResult median = results[i].OrderBy(result => result.Rate).ElementAt(results[i].Count / 2);
            string bytes = work.Bytes == 0 ? "" : (median.Rate * work.Bytes / 1e6).ToString("F0", CultureInfo.InvariantCulture);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{work.Name,-9} {clients,7}  {mounts[i].Name,-10} {median.Rate,11:F0} {bytes,9} {median.DaemonMicroseconds,11:F2} {median.ClientMicroseconds,11:F2}"));
        }
    }

    private static MountResult MeasureOnce(HostProcess mount, MountWork work, int clients, TimeSpan duration)
    {
        using ManualResetEventSlim stop = new();
        TimeSpan daemon = CpuTime.Of(mount.Id);
        TimeSpan own = CpuTime.Of(Environment.ProcessId);
        long began = System.Diagnostics.Stopwatch.GetTimestamp();
        Task<long>[] running = [.. Enumerable.Range(0, clients).Select(_ => Task.Factory.StartNew(
            () => work.Run(mount.Place, Interlocked.Increment(ref _threads), stop), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
        Thread.Sleep(duration);
        stop.Set();
        long count = Task.WhenAll(running).GetAwaiter().GetResult().Sum();
        TimeSpan elapsed = System.Diagnostics.Stopwatch.GetElapsedTime(began);
        return new MountResult(count / elapsed.TotalSeconds,
            (CpuTime.Of(mount.Id) - daemon).TotalMicroseconds / count,
            (CpuTime.Of(Environment.ProcessId) - own).TotalMicroseconds / count);
    }

    private static long _threads;

    private sealed record MountResult(double Rate, double DaemonMicroseconds, double ClientMicroseconds);
}
