using System.Diagnostics;
using System.Globalization;
using Kaleidofs.Tests.Bench.DataPlane;

namespace Kaleidofs.Tests.Bench.Peers;

/// <summary>One file of 1 GiB in an archive of each kind, read at random offsets.</summary>
internal static class RandomBenchmark
{
    private const int Length = 64 << 10;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private const string Help = """
        usage: random [--reads N] [--only ENDING]

        A file of 1 GiB, compressed as each kind of archive, mounted by each program that opens it. Reads of 64 KiB: the first,
        near the end of the file; then N at random offsets (default 200) before anything else was read; then, after one read of
        the whole file from its start to its end (its seconds: 'whole'), N others. Milliseconds, median and 99 of 100. Then the
        program's resident megabytes and what it keeps on disk. Each part ends after a minute; '(7)' tells that only 7 reads were made.
        """;

    public static int Run(string[] args)
    {
        int reads = 200;
        string ending = "";
        for (int i = 0; i < args.Length; i += 2)
        {
            switch (args[i..])
            {
                case ["--reads", string text, ..] when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out reads) && reads > 0:
                    break;
                case ["--only", string only, ..]:
                    ending = only;
                    break;
                case ["--help" or "-h", ..]:
                    Console.WriteLine(Help);
                    return 0;
                default:
                    Console.Error.WriteLine($"bench: random does not take '{args[i]}' so; --help lists the options");
                    return 2;
            }
        }
        BenchArchives.Prepare();
        Daemon.BuildKaleidofs();
        Console.WriteLine($"{"",-31} {"first",9} {"random",9} {"p99",9} {"whole s",9} {"random",9} {"p99",9} {"MB",6} {"on disk",8}");
        foreach (string kind in (string[])["zip", "tar.gz", "tar.bz2", "tar.zst", "tar.xz", "squashfs"])
        {
            foreach (ArchiveMounter mounter in ArchiveMounter.All)
            {
                string name = "member." + kind;
                if (mounter.Opens(name) && mounter.IsInstalled && kind.EndsWith(ending, StringComparison.Ordinal))
                {
                    Show(mounter, name, reads);
                }
            }
        }
        return 0;
    }

    private static void Show(ArchiveMounter mounter, string name, int reads)
    {
        using MountedArchive mounted = new(mounter, BenchArchives.Get(name));
        string file = Path.Combine(mounted.Place, "member");
        double first = Read(file, [new FileInfo(file).Length - (3 * Length)])[0];
        double[] before = Read(file, Offsets(file, reads, seed: 1));
        double? whole = mounted.Time("cat \"$1/member\" >/dev/null", (int)Limit.TotalSeconds);
        double[] after = whole is null ? [] : Read(file, Offsets(file, reads, seed: 2));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{mounter.Name,-13} {name,-17} {first,9:F1} {Quantile(before, reads, .5)} {Quantile(before, reads, .99)} {(whole is null ? "> 60" : whole.Value.ToString("F1", CultureInfo.InvariantCulture)),9} {Quantile(after, reads, .5)} {Quantile(after, reads, .99)} {mounted.ResidentMegabytes,6:F0} {mounted.KeptMegabytes,8:F0}"));
    }

    private static long[] Offsets(string file, int count, int seed)
    {
        Random random = new(seed);
        long length = new FileInfo(file).Length - Length;
        return [.. Enumerable.Range(0, count).Select(_ => random.NextInt64(length))];
    }

    /// <summary>Milliseconds of each read, as many as the time allows. The kernel's page cache of the file is dropped first.</summary>
    private static double[] Read(string file, long[] offsets)
    {
        Kaleidofs.Tests.Support.Shell.Run("dd if=\"$1\" iflag=nocache count=0 2>/dev/null", file);
        using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.RandomAccess);
        byte[] buffer = new byte[Length];
        List<double> milliseconds = [];
        long start = Stopwatch.GetTimestamp();
        foreach (long offset in offsets)
        {
            long began = Stopwatch.GetTimestamp();
            int read = RandomAccess.Read(stream.SafeFileHandle, buffer, offset);
            milliseconds.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            if (read != Length)
            {
                throw new IOException($"{file}: {read} bytes at {offset}");
            }
            if (Stopwatch.GetElapsedTime(start) > Limit)
            {
                break;
            }
        }
        return [.. milliseconds];
    }

    private static string Quantile(double[] values, int expected, double quantile)
    {
        if (values.Length == 0)
        {
            return $"{"-",9}";
        }
        double value = values.Order().ElementAt((int)((values.Length - 1) * quantile));
        string text = value.ToString(value < 10 ? "F2" : "F0", CultureInfo.InvariantCulture);
        return $"{(values.Length < expected ? $"{text} ({values.Length})" : text),9}";
    }
}
