using System.Diagnostics;
using System.Globalization;
using Kaleidofs.Tests.Bench.DataPlane;
using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Bench.Guests;

/// <summary>What programs in a guest see: a zip served by kaleidofs beside the same files on a tmpfs served by virtiofsd.</summary>
internal static class GuestBenchmark
{
    private const string Help = """
        usage: guest [--rounds N] [--folder NAME]

        Boots a guest (eng/setup.sh) with two shares: a folder of the Linux sources (eng/linux-source.sh; NAME, default fs) as a deflated zip that kaleidofs
        serves, and the same files on a tmpfs that virtiofsd serves, where it is installed. Then find, tar and grep over each, by turns, with
        the guest's caches dropped before; and fio, where it is installed here. Seconds, the median of N rounds (default 3). A run takes some minutes; without KVM
        the guest's own time, emulated, is most of what is shown.
        """;

    private static readonly (string Name, string Script)[] Programs =
    [
        ("find, with attributes", "find . -type f -size +0 | wc -l"),
        ("tar to a pipe", "tar -cf - . | wc -c"),
        ("grep in all .h files", "find . -name '*.h' | xargs grep no_such_word_at_all | wc -l"),
        ("cat of all .c files", "find . -name '*.c' | xargs cat | wc -c"),
    ];

    private const string Fio = "fio --name=read --directory=. --opendir=. --rw=randread --bs=4k --size=1m --readonly --runtime=10 --time_based --minimal | cut -d';' -f8";

    public static int Run(string[] args)
    {
        int rounds = 3;
        string part = "fs";
        for (int i = 0; i < args.Length; i += 2)
        {
            string value = i + 1 < args.Length ? args[i + 1] : "";
            switch (args[i])
            {
                case "--rounds" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0:
                    rounds = number;
                    break;
                case "--folder" when value.Length > 0:
                    part = value;
                    break;
                default:
                    Console.WriteLine(Help);
                    return args is ["--help" or "-h"] ? 0 : 2;
            }
        }
        if (GuestSupport.Missing is { } missing)
        {
            Console.Error.WriteLine($"bench: no guest here: {missing}");
            return 1;
        }
        Daemon.BuildKaleidofs();
        using TemporaryFolder folder = new();
        string files = Directory.Exists("/dev/shm") ? Path.Combine("/dev/shm", Path.GetFileName(folder.Path)) : folder.At("files");
        try
        {
            string zip = folder.At("files.zip");
            Shell.Run("""KALEIDOFS_CACHE=$1 "$2" && cp -a "$1/linux/tree/"*"/$3" "$4" && cd "$4" && zip -qry1 "$5" .""",
                Repository.Cache, Repository.At("eng/linux-source.sh"), part, files, zip).Succeeded();
            Measure(folder, zip, files, rounds);
        }
        finally
        {
            Shell.Run("rm -rf -- \"$1\"", files);
        }
        return 0;
    }

    private static void Measure(TemporaryFolder folder, string zip, string files, int rounds)
    {
        using Daemon own = Daemon.StartKaleidofs(folder, [], zip);
        using Daemon? peer = Daemon.FindVirtiofsd() is { } program ? Daemon.StartVirtiofsd(program, folder, files) : null;
        List<GuestShare> shares = [new GuestShare("kaleidofs", own.SocketPath)];
        if (peer is not null)
        {
            shares.Add(new GuestShare("virtiofsd", peer.SocketPath));
        }
        else
        {
            Console.WriteLine("virtiofsd is not here: no peer to compare with (eng/peers.sh fetches it without installing anything)");
        }
        foreach (Daemon? daemon in (Daemon?[])[own, peer])
        {
            WaitForSocket(daemon);
        }
        bool isEmulated = File.ReadLines(Path.Combine(Repository.Cache, "guest")).Contains("ACCEL=tcg");
        Console.WriteLine(isEmulated ? "the guest's CPU is emulated (TCG): what a program itself does takes many times as long as it would" : "the guest runs under KVM");
        Dictionary<string, string> fio = FioFiles();
        using Guest guest = Guest.Boot(new GuestOptions { Shares = shares, Cpus = 2, Megabytes = 1024, Files = fio });
        Console.WriteLine($"{"seconds",-24} {string.Concat(shares.Select(share => $"{share.Tag,11}"))}  {(peer is null ? "" : "times as fast")}");
        foreach ((string name, string script) in Programs)
        {
            Dictionary<string, List<double>> times = shares.ToDictionary(share => share.Tag, _ => new List<double>());
            HashSet<string> outputs = [];
            for (int round = 0; round < rounds; round++)
            {
                foreach (GuestShare share in shares)
                {
                    guest.Run("echo 3 >/proc/sys/vm/drop_caches").Succeeded();
                    long start = Stopwatch.GetTimestamp();
                    outputs.Add(guest.Run($"cd /mnt/{share.Tag} && {script}", TimeSpan.FromMinutes(10)).Succeeded().Text);
                    times[share.Tag].Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
                }
            }
            double[] medians = [.. shares.Select(share => times[share.Tag].Order().ElementAt(rounds / 2))];
            string ratio = medians.Length > 1 ? string.Create(CultureInfo.InvariantCulture, $"  {medians[1] / medians[0],13:0.00}") : "";
            // Owners and times are the tmpfs's own, but the files must be the same.
            string differs = outputs.Count > 1 && !name.StartsWith("tar", StringComparison.Ordinal) ? "  THE OUTPUTS DIFFER" : "";
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-24} {string.Concat(medians.Select(median => string.Create(CultureInfo.InvariantCulture, $"{median,11:0.00}")))}{ratio}{differs}"));
        }
        if (fio.Count == 0)
        {
            Console.WriteLine("fio is not installed here, so it is not run there");
            return;
        }
        foreach (GuestShare share in shares)
        {
            CommandResult result = guest.Run($"cd /mnt/{share.Tag} && {Fio}");
            Console.WriteLine($"fio, random 4 KiB reads a second, {share.Tag}: {(result.Status == 0 ? result.Text.Trim() : result.Error.Trim())}");
        }
    }

    private static void WaitForSocket(Daemon? daemon)
    {
        Deadline deadline = Deadline.After(TimeSpan.FromMinutes(1));
        while (daemon is not null && !File.Exists(daemon.SocketPath))
        {
            if (deadline.HasPassed)
            {
                throw new TimeoutException("a daemon does not listen");
            }
            Thread.Sleep(20);
        }
    }

    /// <summary>This machine's fio with the libraries that it loads; empty without one.</summary>
    private static Dictionary<string, string> FioFiles()
    {
        CommandResult found = Shell.Run("fio=$(command -v fio) && echo \"$fio\" && ldd \"$fio\" | sed -n 's/.*=> \\(\\/[^ ]*\\) .*/\\1/p; s/^[[:space:]]*\\(\\/[^ ]*ld-linux[^ ]*\\) .*/\\1/p' | sort -u");
        string[] paths = found.Status == 0 ? found.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries) : [];
        return paths.ToDictionary(path => path == paths[0] ? "bin/fio" : path.TrimStart('/'), path => path);
    }
}
