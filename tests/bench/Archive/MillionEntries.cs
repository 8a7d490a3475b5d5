using System.Globalization;
using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Bench.Archive;

/// <summary>What a zip of a million entries costs: the time until it is served, and the memory of the process that serves it.</summary>
internal static class MillionEntries
{
    private const string Help = """
        usage: million [--entries N] [--runs N]

        Writes zips of N entries (default 1,000,000), in 1,000 directories and in one, and serves each on a socket in a
        new process. A line a zip: seconds from the start of the process until the socket is there, with the .NET
        runtime's own start in it; then the process's resident memory, and the most that it was. The median of the runs (default 5).
        """;

    public static int Run(string[] args)
    {
        int entries = 1_000_000;
        int runs = 5;
        for (int i = 0; i < args.Length; i++)
        {
            bool isNumber = int.TryParse(i + 1 < args.Length ? args[i + 1] : "", NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value > 0;
            switch (args[i])
            {
                case "--entries" when isNumber:
                    entries = value;
                    i++;
                    break;
                case "--runs" when isNumber:
                    runs = value;
                    i++;
                    break;
                case "--help" or "-h":
                    Console.WriteLine(Help);
                    return 0;
                default:
                    Console.Error.WriteLine($"bench: million does not take '{args[i]}' so; --help lists the options");
                    return 2;
            }
        }
        using TemporaryFolder folder = new();
        Console.WriteLine($"{"zip",-24} {"entries",10} {"seconds",8} {"resident MB",12} {"at most MB",11}");
        foreach ((string name, int directories) in new[] { ("1,000 directories", 1000), ("one directory", 1) })
        {
            string zip = folder.At("million.zip");
            StoredZip.Write(zip, entries, directories);
            // The first start builds what is missing, and brings the files into the page cache.
            ServedZip.Measure(zip, folder);
            ServedZip[] measured = [.. Enumerable.Range(0, runs).Select(_ => ServedZip.Measure(zip, folder)).OrderBy(run => run.Seconds)];
            ServedZip median = measured[runs / 2];
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{name,-24} {entries,10:N0} {median.Seconds,8:F2} {median.ResidentMegabytes,12:F0} {median.MostMegabytes,11:F0}"));
        }
        return 0;
    }
}
