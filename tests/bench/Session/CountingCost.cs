using System.Diagnostics;
using System.Globalization;
using Kaleidofs.Drivers.Null;
using Kaleidofs.Engine;
using Kaleidofs.Host.Linux;
using Kaleidofs.Protocol;
using Kaleidofs.Tests.Bench.DataPlane;
using Kaleidofs.Tests.Support.Memory;

namespace Kaleidofs.Tests.Bench.Session;

/// <summary>What counting adds to a request: the same requests in one process, counted and not, by turns of a few milliseconds.</summary>
internal static class CountingCost
{
    private const int Turn = 10_000;

    private const string Help = """
        usage: counting [--seconds N] [--pin CPU]

        Dispatches getattrs to a session in memory, by turns with counters and without, and shows the medians of what one
        takes. The turns are short and alternate, so that whatever else the machine does slows both alike; the CPU time of
        the thread is what counts, not the clock. Divide the difference by what a request takes over a transport (the
        dataplane benchmark's host CPU an operation) to have its share.
        """;

    public static int Run(string[] args)
    {
        double seconds = 10;
        int? cpu = null;
        for (int i = 0; i < args.Length; i += 2)
        {
            switch (args[i..])
            {
                case ["--seconds", var text, ..] when double.TryParse(text, CultureInfo.InvariantCulture, out seconds):
                    break;
                case ["--pin", var text, ..] when int.TryParse(text, out int number):
                    cpu = number;
                    break;
                default:
                    Console.WriteLine(Help);
                    return args is ["--help" or "-h"] ? 0 : 2;
            }
        }
        if (cpu is { } pinned)
        {
            Affinity.Pin(pinned);
        }
        Measure(seconds);
        return 0;
    }

    private static void Measure(double seconds)
    {
        FileSystem source = new NullDriver().OpenAsync(new DriverContext { Scheme = "null", Source = "", Cache = new(), Files = new DiskReader() }, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        MemoryTransport transport = new(source);
        byte[] message = FuseMessage.Build(Opcode.GetAttr, FileSystem.RootInode, default(GetAttrIn));
        using QuietRequest plain = new(message, 16 + 104);
        using QuietRequest counted = new(message, 16 + 104) { Counters = transport.Session.Counters.Open(1) };
        List<double> without = [];
        List<double> with = [];
        List<double> difference = [];
        long end = Stopwatch.GetTimestamp() + (long)(seconds * Stopwatch.Frequency);
        // The first turns are compiled again and again; they are not kept.
        for (int round = 0; Stopwatch.GetTimestamp() < end || round < 600; round++)
        {
            // Who goes first changes too.
            double first = Time(transport.Session, round % 2 == 0 ? plain : counted);
            double second = Time(transport.Session, round % 2 == 0 ? counted : plain);
            if (round >= 500)
            {
                (double a, double b) = round % 2 == 0 ? (first, second) : (second, first);
                without.Add(a);
                with.Add(b);
                difference.Add(b - a);
            }
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"getattr, session alone: {Median(without):0.00} ns without counters, {Median(with):0.00} ns with; difference {Median(difference):0.00} ns (quartiles {Quantile(difference, 0.25):0.00} to {Quantile(difference, 0.75):0.00}, {difference.Count} pairs of {Turn})"));
    }

    private static double Time(FuseSession session, QuietRequest request)
    {
        TimeSpan before = CpuTime.OfThread();
        for (int i = 0; i < Turn; i++)
        {
            session.Dispatch(request);
        }
        return (CpuTime.OfThread() - before).TotalNanoseconds / Turn;
    }

    private static double Median(List<double> values) => Quantile(values, 0.5);

    private static double Quantile(List<double> values, double fraction) => values.Order().ElementAt((int)(fraction * (values.Count - 1)));
}
