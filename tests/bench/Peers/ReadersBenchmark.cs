using System.Diagnostics;
using System.Globalization;
using Kaleidofs.Tests.Bench.DataPlane;
using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Bench.Peers;

/// <summary>One archive, read by several at once: what the CPUs make of it, and what is decoded twice.</summary>
internal static class ReadersBenchmark
{
    private const int Readers = 4;
    private const int LimitSeconds = 120;
    private const string SmallCache = "32M";

    private const string Help = """
        usage: readers [--shares N]

        First, a file of 1 GiB in archives of each kind, mounted by each program, and read whole once. Then its four quarters, one after
        the other by one reader, and at the same time by four: MB a second, and the ratio. kaleidofs has a cache of 32 MB for it, so that
        all is decoded again, and none on disk. Then N shares (default 32) of one archive in one process, read whole all at the same time:
        the processor's seconds of that process, beside those of one share that is read alone; the same for the null driver, which decodes nothing
        and so shows what the reading itself costs.
        """;

    public static int Run(string[] args)
    {
        int shares = 32;
        if (!CountOption.TryRead(args, "--shares", Help, ref shares, out int status))
        {
            return status;
        }
        BenchArchives.Prepare();
        Daemon.BuildKaleidofs();
        Console.WriteLine($"{"",-31} {"one reader",10} {"four",10} {"ratio",6}");
        foreach (string name in (string[])["member.zip", "member.tar.gz", "member.tar.bz2", "member.squashfs"])
        {
            foreach (ArchiveMounter mounter in ArchiveMounter.All)
            {
                if (mounter.Opens(name) && mounter.IsInstalled)
                {
                    ShowReaders(mounter with { Command = WithoutCaches(mounter) }, name);
                }
            }
        }
        Console.WriteLine();
        Console.WriteLine($"{"",-31} {"one share",10} {$"{shares} shares",10} {"ratio",6}   processor seconds of the host");
        foreach ((string label, string source, string file) in (ReadOnlySpan<(string, string, string)>)
            [("null:", "null:", "data"), ("member.zip", BenchArchives.Get("member.zip"), "member"), ("member.tar.gz", BenchArchives.Get("member.tar.gz"), "member")])
        {
            double one = ReadShares(source, file, 1);
            double all = ReadShares(source, file, shares);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"kaleidofs",-13} {label,-17} {one,10:F1} {all,10:F1} {all / one,6:F2}"));
        }
        return 0;
    }

    private static Func<string, string, string, string[]> WithoutCaches(ArchiveMounter mounter) => mounter.Name == "kaleidofs"
        ? (archive, place, kept) => [.. mounter.Command(archive, place, kept), "--disk-cache", "0", "--cache-size", SmallCache]
        : mounter.Command;

    private static void ShowReaders(ArchiveMounter mounter, string name)
    {
        using MountedArchive mounted = new(mounter, BenchArchives.Get(name));
        double?[] seconds =
        [
            mounted.Time("cat \"$1/member\" >/dev/null", LimitSeconds) is null ? null : mounted.Time(Quarters("wait $!"), LimitSeconds),
            mounted.Time(Quarters("true"), LimitSeconds),
        ];
        string[] rates = [.. seconds.Select(value => value is null ? $"> {LimitSeconds} s" : (1024 / value.Value).ToString("F0", CultureInfo.InvariantCulture))];
        string ratio = seconds is [{ } one, { } four] ? (one / four).ToString("F2", CultureInfo.InvariantCulture) : "-";
        Console.WriteLine($"{mounter.Name,-13} {name,-17} {rates[0],10} {rates[1],10} {ratio,6}");
    }

    /// <summary>Reads the four quarters, each past the kernel's page cache, with something between them.</summary>
    private static string Quarters(string between) => $"""
        dd if="$1/member" iflag=nocache count=0 2>/dev/null
        for i in $(seq 0 {Readers - 1}); do
          dd if="$1/member" of=/dev/null bs=1M skip=$((i * {1024 / Readers})) count={1024 / Readers} 2>/dev/null &
          {between}
        done
        wait
        """;

    private static double ReadShares(string source, string file, int count)
    {
        using TemporaryFolder folder = new();
        string[] places = [.. Enumerable.Range(0, count).Select(i => Directory.CreateDirectory(folder.At($"mnt{i}")).FullName)];
        string shares = string.Join(", ", places.Select((place, i) => $$"""{ "name": "s{{i}}", "source": "{{source}}", "mount": "{{place}}" }"""));
        string configuration = folder.Write("shares.json", $$"""{ "log-level": "warning", "disk-cache-dir": "{{folder.At("blocks")}}", "shares": [ {{shares}} ] }""");
        using Process host = Process.Start(Repository.At("kaleidofs"), ["host", "--config", configuration]);
        try
        {
            while (places.Any(place => !File.Exists(Path.Combine(place, file))))
            {
                if (host.WaitForExit(50))
                {
                    throw new InvalidOperationException("the host of the shares has ended");
                }
            }
            TimeSpan before = CpuTime.Of(host.Id);
            Shell.Run("file=$1; shift; for place; do cat \"$place/$file\" >/dev/null & done; wait", [file, .. places]).Succeeded();
            return (CpuTime.Of(host.Id) - before).TotalSeconds;
        }
        finally
        {
            Shell.Run("kill \"$1\"; umount -l \"${@:2}\" 2>/dev/null; true", [host.Id.ToString(CultureInfo.InvariantCulture), .. places]);
            host.WaitForExit();
        }
    }
}
