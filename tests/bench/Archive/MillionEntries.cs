using System.Globalization;
using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Bench.Archive;

/// <summary>What a zip of a million entries costs, and a long tar.gz: the time until it is served, and the memory of the process that serves it; the first time, and once its index is kept.</summary>
internal static class MillionEntries
{
    private const string Help = """
        usage: million [--entries N] [--tar MEBIBYTES] [--runs N]

        Writes zips of N entries (default 1,000,000), in 1,000 directories and in one, and a gzipped tar of files of 1 MiB
        (default 400), and serves each on a socket in a new process; before, a share of nothing at all, for the .NET
        runtime's own start. A line each, without an index and with one: seconds from the start of the process until the
        socket is there; then the process's resident memory, and the most that it was. The median of the runs (default 5).
        """;

    public static int Run(string[] args)
    {
        int entries = 1_000_000;
        int runs = 5;
        int tar = 400;
        for (int i = 0; i < args.Length; i++)
        {
            bool isNumber = int.TryParse(i + 1 < args.Length ? args[i + 1] : "", NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value > 0;
            switch (args[i])
            {
                case "--entries" when isNumber:
                    entries = value;
                    i++;
                    break;
                case "--tar" when isNumber:
                    tar = value;
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
        Console.WriteLine($"{"source",-44} {"seconds",8} {"resident MB",12} {"at most MB",11}");
        Show("nothing", "null:", folder, runs);
        foreach ((string name, int directories) in new[] { ("1,000 directories", 1000), ("one directory", 1) })
        {
            string zip = folder.At("million.zip");
            StoredZip.Write(zip, entries, directories);
            ShowBoth(string.Create(CultureInfo.InvariantCulture, $"zip, {entries:N0} entries, {name}"), zip, folder, runs);
        }
        string archive = folder.At("long.tar.gz");
        GzippedTar.Write(archive, tar);
        ShowBoth(string.Create(CultureInfo.InvariantCulture, $"tar.gz, {tar} MiB ({new FileInfo(archive).Length >> 20} compressed)"), archive, folder, runs);
        return 0;
    }

    private static void ShowBoth(string name, string archive, TemporaryFolder folder, int runs)
    {
        Show(name, archive, folder, runs, "-o", "index=none");
        Shell.Run("exec \"$@\"", Repository.At("kaleidofs"), "index", archive, "-o", "index=" + folder.At("index")).Succeeded();
        Show("  by its index", archive, folder, runs, "-o", "index=" + folder.At("index"));
    }

    private static void Show(string name, string source, TemporaryFolder folder, int runs, params string[] options)
    {
        // The first start builds what is missing, and brings the files into the page cache.
        ServedZip.Measure(source, folder, options);
        ServedZip median = Enumerable.Range(0, runs).Select(_ => ServedZip.Measure(source, folder, options)).OrderBy(run => run.Seconds).ElementAt(runs / 2);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-44} {median.Seconds,8:F2} {median.ResidentMegabytes,12:F0} {median.MostMegabytes,11:F0}"));
    }
}
