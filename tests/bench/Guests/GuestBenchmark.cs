using System.Diagnostics;
using System.Globalization;
using Kaleidofs.Tests.Bench.DataPlane;
using Kaleidofs.Tests.Bench.Hosting;
using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Bench.Guests;

/// <summary>What programs in a guest see: a zip served by kaleidofs beside the same files on a tmpfs served by virtiofsd.</summary>
internal static class GuestBenchmark
{
    private const string Help = """
        usage: guest [--rounds N] [--folder NAME]

        Boots a guest (eng/setup.sh) with two shares: a folder of the Linux sources (eng/linux-source.sh; NAME, default fs) as a deflated zip that kaleidofs
        serves, and the same files on a tmpfs that virtiofsd serves, where it is installed. Then find, tar and grep over each, by turns, with
        the guest's caches dropped before: seconds, the median of N rounds (default 3). Then fio (eng/fio.sh), past the guest's page cache, on a
        file of 64 MiB, deflated in a zip and on the tmpfs: random reads of 4 KiB a second, and MiB a second in reads of 1 MiB one after the
        other, the median again. It was read once before, so that this is the way from kaleidofs' cache to the guest ('random' has the rest). A run takes some minutes; without KVM the guest's own time, emulated, is most of what is shown.
        """;

    private static readonly (string Name, string Script)[] Programs =
    [
        ("find, with attributes", "find . -type f -size +0 | wc -l"),
        ("tar to a pipe", "tar -cf - . | wc -c"),
        ("grep in all .h files", "find . -name '*.h' | xargs grep no_such_word_at_all | wc -l"),
        ("cat of all .c files", "find . -name '*.c' | xargs cat | wc -c"),
    ];

    /// <summary>What fio does, and which field of its terse output tells how much of it in a second: of the version 3, operations or KiB.</summary>
    private static readonly (string Name, string Options, int Field, double Unit)[] FioJobs =
    [
        ("random 4 KiB reads/s", "--rw=randread --bs=4k", 8, 1),
        ("1 MiB reads, MiB/s", "--rw=read --bs=1m", 7, 1024),
    ];

    private const int FioSeconds = 5;
    private const string FioShare = "-fio";

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
            string data = files + FioShare;
            string dataZip = InflatedZip.Write(folder, "data.zip");
            Shell.Run("unzip -q \"$1\" -d \"$2\"", dataZip, data).Succeeded();
            Measure(folder, (zip, files), (dataZip, data), rounds);
        }
        finally
        {
            Shell.Run("rm -rf -- \"$@\"", files, files + FioShare);
        }
        return 0;
    }

    private static void Measure(TemporaryFolder folder, (string Zip, string Files) tree, (string Zip, string Files) data, int rounds)
    {
        using TemporaryFolder dataFolder = new();
        string? virtiofsd = Daemon.FindVirtiofsd();
        using Daemon own = Daemon.StartKaleidofs(folder, [], tree.Zip);
        using Daemon ownData = Daemon.StartKaleidofs(dataFolder, [], data.Zip);
        using Daemon? peer = virtiofsd is null ? null : Daemon.StartVirtiofsd(virtiofsd, folder, tree.Files);
        using Daemon? peerData = virtiofsd is null ? null : Daemon.StartVirtiofsd(virtiofsd, dataFolder, data.Files);
        List<GuestShare> shares = [new GuestShare("kaleidofs", own.SocketPath)];
        List<GuestShare> dataShares = [new GuestShare("kaleidofs" + FioShare, ownData.SocketPath)];
        if (peer is not null)
        {
            shares.Add(new GuestShare("virtiofsd", peer.SocketPath));
            dataShares.Add(new GuestShare("virtiofsd" + FioShare, peerData!.SocketPath));
        }
        else
        {
            Console.WriteLine("virtiofsd is not here: no peer to compare with (eng/peers.sh fetches it without installing anything)");
        }
        foreach (Daemon? daemon in (Daemon?[])[own, ownData, peer, peerData])
        {
            WaitForSocket(daemon);
        }
        bool isEmulated = File.ReadLines(Path.Combine(Repository.Cache, "guest")).Contains("ACCEL=tcg");
        Console.WriteLine(isEmulated ? "the guest's CPU is emulated (TCG): what a program itself does takes many times as long as it would" : "the guest runs under KVM");
        Dictionary<string, string> fio = FioFiles();
        using Guest guest = Guest.Boot(new GuestOptions { Shares = [.. shares, .. dataShares], Cpus = 2, Megabytes = 1024, Files = fio });
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
            Console.WriteLine("fio could not be had (eng/fio.sh), so it is not run");
            return;
        }
        Console.WriteLine("fio");
        foreach (GuestShare share in dataShares)
        {
            guest.Run($"dd if=/mnt/{share.Tag}/data of=/dev/null bs=1M").Succeeded();
        }
        foreach ((string name, string options, int field, double unit) in FioJobs)
        {
            Dictionary<string, List<double>> rates = dataShares.ToDictionary(share => share.Tag, _ => new List<double>());
            for (int round = 0; round < rounds; round++)
            {
                foreach (GuestShare share in dataShares)
                {
                    string script = $"fio --name=read --filename=/mnt/{share.Tag}/data --readonly --thread --direct=1 --ioengine=psync {options} --runtime={FioSeconds} --time_based --minimal --terse-version=3";
                    string[] fields = guest.Run(script).Succeeded().Text.Trim().Split(';');
                    rates[share.Tag].Add(double.Parse(fields[field - 1], CultureInfo.InvariantCulture) / unit);
                }
            }
            double[] medians = [.. dataShares.Select(share => rates[share.Tag].Order().ElementAt(rounds / 2))];
            string ratio = medians.Length > 1 ? string.Create(CultureInfo.InvariantCulture, $"  {medians[0] / medians[1],13:0.00}") : "";
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-24} {string.Concat(medians.Select(median => string.Create(CultureInfo.InvariantCulture, $"{median,11:0}")))}{ratio}"));
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

    /// <summary>fio with the libraries that it loads, each where the guest's loader looks for it; empty if it cannot be had.</summary>
    private static Dictionary<string, string> FioFiles()
    {
        CommandResult found = Shell.Run("KALEIDOFS_CACHE=$1 exec \"$2\"", Repository.Cache, Repository.At("eng/fio.sh"));
        if (found.Status != 0)
        {
            Console.Error.WriteLine(found.Error.TrimEnd());
            return [];
        }
        string[] paths = found.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return paths.ToDictionary(
            path => path == paths[0] ? "bin/fio" : Path.GetFileName(path).StartsWith("ld-linux", StringComparison.Ordinal) ? path.TrimStart('/') : $"lib/x86_64-linux-gnu/{Path.GetFileName(path)}");
    }
}
