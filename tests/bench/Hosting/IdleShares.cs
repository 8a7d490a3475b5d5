using System.Globalization;
using Kaleidofs.Tests.Bench.DataPlane;
using Kaleidofs.Tests.Support;
using Kaleidofs.Tests.Support.VhostUser;

namespace Kaleidofs.Tests.Bench.Hosting;

/// <summary>What shares cost that nobody uses: memory, threads, and time.</summary>
internal static class IdleShares
{
    private const string Help = """
        usage: idle [--shares N] [--seconds S]

        A host of one share, then one of N (default 1000) that nobody has connected to, then the same with a front end connected to each,
        one request queue running and INIT said, that asks nothing. A line each: resident memory, and for each share over the
        first; threads; descriptors; and CPU milliseconds within S seconds (default 10). A run takes a minute.
        """;

    /// <summary>What the runtime still does after a start (compiling again what was hot) is not the shares' idling.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);

    public static int Run(string[] args)
    {
        int shares = 1000;
        int seconds = 10;
        for (int i = 0; i < args.Length; i++)
        {
            bool isNumber = int.TryParse(i + 1 < args.Length ? args[i + 1] : "", NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value > 0;
            switch (args[i])
            {
                case "--shares" when isNumber:
                    shares = value;
                    i++;
                    break;
                case "--seconds" when isNumber:
                    seconds = value;
                    i++;
                    break;
                case "--help" or "-h":
                    Console.WriteLine(Help);
                    return 0;
                default:
                    Console.Error.WriteLine($"bench: idle does not take '{args[i]}' so; --help lists the options");
                    return 2;
            }
        }
        Daemon.BuildKaleidofs();
        Console.WriteLine($"{"shares",-24} {"resident MiB",12} {"KiB a share",12} {"threads",8} {"descriptors",12} {"CPU ms in " + seconds + " s",15}");
        using TemporaryFolder folder = new();
        long first = Measure(folder, 1, isConnected: false, seconds, first: null);
        long firstConnected = Measure(folder, 1, isConnected: true, seconds, first: null);
        Measure(folder, shares, isConnected: false, seconds, first);
        Measure(folder, shares, isConnected: true, seconds, firstConnected);
        return 0;
    }

    /// <returns>Resident memory.</returns>
    private static long Measure(TemporaryFolder folder, int count, bool isConnected, int seconds, long? first)
    {
        HostedShare[] shares = [.. Enumerable.Range(0, count).Select(index => new HostedShare($"share{index}", "null:"))];
        using Daemon host = Daemon.StartHost(folder, shares);
        Deadline deadline = Deadline.After(TimeSpan.FromMinutes(2));
        while (!shares.All(share => File.Exists(share.SocketIn(folder))))
        {
            if (deadline.HasPassed)
            {
                throw new TimeoutException("not every share is served");
            }
            Thread.Sleep(20);
        }
        FrontEndOptions options = new() { QueueSize = 128 };
        using GuestRam ram = new((ulong)count * (64 << 10) + (1 << 20));
        List<IDisposable> connected = [];
        foreach (HostedShare share in isConnected ? shares : [])
        {
            FrontEnd frontEnd = FrontEnd.Connect(share.SocketIn(folder));
            DriverRing ring = DriverRing.Create(ram, options, index: 1, slots: 1, maxPayload: 128);
            connected.AddRange([frontEnd, ring]);
            frontEnd.Start(ram, options);
            frontEnd.StartQueue(ring);
            new FuseClient(ring).Initialize();
        }
        Thread.Sleep(Settling);
        TimeSpan busy = -CpuTime.Of(host.ProcessId);
        Thread.Sleep(TimeSpan.FromSeconds(seconds));
        busy += CpuTime.Of(host.ProcessId);
        ProcessStatus status = ProcessStatus.Of(host.ProcessId);
        string each = first is { } one ? ((status.ResidentKilobytes - one) / (double)(count - 1)).ToString("0", CultureInfo.InvariantCulture) : "-";
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{$"{count:N0} {(isConnected ? "connected" : "listening")}",-24} {status.ResidentKilobytes / 1024.0,12:0.0} {each,12} {status.Threads,8} {status.Descriptors,12} {busy.TotalMilliseconds,15:0.0}"));
        connected.ForEach(end => end.Dispose());
        return status.ResidentKilobytes;
    }
}
