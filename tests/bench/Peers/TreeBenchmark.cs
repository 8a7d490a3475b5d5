using System.Diagnostics;
using System.Globalization;
using Kaleidofs.Tests.Bench.DataPlane;

namespace Kaleidofs.Tests.Bench.Peers;

/// <summary>A kernel's sources, mounted by each program: what a user waits for.</summary>
internal static class TreeBenchmark
{
    private const int LimitSeconds = 60;

    private const string Help = """
        usage: tree [--runs N]

        A kernel's sources (83,000 names, 1.3 GB) as zip and as tar.gz, mounted by kaleidofs and by archivemount, fuse-zip and
        squashfuse (the last from an image of its own). Seconds, medians of N runs (default 3) that take turns: from the program's
        start to the end of the first ls; find, and find once more; tar into a digest.
        Then the program's resident megabytes. What takes longer than a minute is cut off.
        """;

    private static readonly (string Name, string Script)[] Works =
    [
        ("find", "find \"$1\" >/dev/null"),
        ("again", "find \"$1\" >/dev/null"),
        ("tar c", "tar -cf - -C \"$1\" . | sha256sum >/dev/null"),
    ];

    public static int Run(string[] args)
    {
        int runs = 3;
        if (!CountOption.TryRead(args, "--runs", Help, ref runs, out int status))
        {
            return status;
        }
        BenchArchives.Prepare();
        Daemon.BuildKaleidofs();
        Console.WriteLine($"{"",-28} {"first ls",9} {string.Join(' ', Works.Select(work => $"{work.Name,8}"))} {"MB",7}");
        (ArchiveMounter Mounter, string Name)[] cases =
        [
            .. from name in (string[])["tree.zip", "tree.tar.gz", "tree.squashfs"]
               from mounter in ArchiveMounter.All
               where mounter.Opens(name) && mounter.IsInstalled
               select (mounter, name),
        ];
        var measured = cases.ToDictionary(one => one, _ => new List<double?[]>());
        for (int run = 0; run < runs; run++)
        {
            foreach ((ArchiveMounter mounter, string name) in cases)
            {
                measured[(mounter, name)].Add(Measure(mounter, BenchArchives.Get(name)));
            }
        }
        foreach (((ArchiveMounter mounter, string name), List<double?[]> results) in measured)
        {
            string[] medians = [.. Enumerable.Range(0, Works.Length + 2).Select(column => Median([.. results.Select(result => result[column])]))];
            Console.WriteLine($"{mounter.Name,-13} {name,-14} {medians[0],9} {string.Join(' ', medians[1..^1].Select(text => $"{text,8}"))} {medians[^1],7}");
        }
        return 0;
    }

    private static double?[] Measure(ArchiveMounter mounter, string archive)
    {
        using MountedArchive mounted = new(mounter, archive);
        double? listed = mounted.Time("ls \"$1\" >/dev/null", LimitSeconds) is null ? null : Stopwatch.GetElapsedTime(mounted.Started).TotalSeconds;
        List<double?> seconds = [listed];
        foreach ((_, string script) in Works)
        {
            seconds.Add(mounted.Time(script, LimitSeconds));
        }
        return [.. seconds, mounted.ResidentMegabytes];
    }

    private static string Median(double?[] values)
    {
        double?[] sorted = [.. values.Order(Comparer<double?>.Create((left, right) => (left ?? double.MaxValue).CompareTo(right ?? double.MaxValue)))];
        return sorted[sorted.Length / 2] is { } value
            ? value.ToString(value < 10 ? "F2" : value < 100 ? "F1" : "F0", CultureInfo.InvariantCulture)
            : $"> {LimitSeconds}";
    }
}
