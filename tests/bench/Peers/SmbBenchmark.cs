using Kaleidofs.Tests.Bench.DataPlane;
using Kaleidofs.Tests.Support;
using Kaleidofs.Tests.Support.Servers;

namespace Kaleidofs.Tests.Bench.Peers;

/// <summary>A share of a Samba, as each program mounts it.</summary>
internal sealed class SmbBenchmark
{
    private const int Files = 10_000;
    private const int Mebibytes = 512;
    private const int Seconds = 3;
    private const int LimitSeconds = 120;
    private const string Large = "large";
    private const string Huge = "huge";
    private const string Many = "many";

    private const string Help = """
        usage: smb [--only WORK] [--runs N]

        A share of a Samba that the benchmark starts, mounted by kaleidofs (encrypted, signed, and neither) and by rclone (neither: it
        does not encrypt), the server's disk in the page cache. Each work in a fresh mount, the contenders by turns; medians of N runs (default 3).
          list      ls -l of 10,000 files, seconds
          stat      stat of files that nobody has looked at, a second, from 1 thread; stat16
          open      open, 4 KiB read, close of such files, a second; open16
          random1   64 KiB at random offsets of a file of 16 GiB, all of it a hole, a second, from 1 thread; random8
          stream    a file of 512 MiB from its beginning to its end, seconds
          create1   files of 4 KiB created, written and fsynced a second, by 1 thread; create16; rclone sends them at close, and syncs nothing
          write     256 MiB written and fsynced, seconds
        Then list, stat16, open16, random8 and create16 once more with a millisecond on the way to the server.
        In brackets the program's own processor time: seconds, or milliseconds for each of what is counted.
        """;

    private static int s_folders;

    private readonly SambaServer _server;
    private readonly int _port;

    private SmbBenchmark(SambaServer server, int port)
    {
        _server = server;
        _port = port;
    }

    public static async Task<int> RunAsync(string[] args)
    {
        int runs = 3;
        string only = "";
        if (args is ["--only", string work, ..])
        {
            (only, args) = (work, args[2..]);
        }
        if (!CountOption.TryRead(args, "--runs", Help, ref runs, out int status))
        {
            return status;
        }
        CommandResult peers = Shell.Run("KALEIDOFS_CACHE=$1 exec \"$2\"", Repository.Cache, Repository.At("eng/smb-peers.sh"));
        if (peers.Status != 0)
        {
            Console.Error.WriteLine("bench: the peers and the server could not be had: " + peers.Error);
            return 1;
        }
        Daemon.BuildKaleidofs();
        Environment.SetEnvironmentVariable("KALEIDOFS_NO_BUILD", "1");
        using SambaServer server = new();
        Shell.Run("""
            mkdir "$1/$2" && cd "$1/$2" && seq -f 'f%05g' 0 $(($3 - 1)) | xargs -n 1000 sh -c 'for f; do head -c 4096 /dev/zero >$f; done' sh
            head -c $(($5 << 20)) /dev/urandom >"$1/$4"; truncate -s 16G "$1/$6"
            """, server.Share, Many, Files.ToString(System.Globalization.CultureInfo.InvariantCulture), Large, Mebibytes.ToString(System.Globalization.CultureInfo.InvariantCulture), Huge).Succeeded();
        using LateRelay late = new(server.Port, TimeSpan.FromMilliseconds(1));
        await new SmbBenchmark(server, server.Port).ShowAsync("", runs, only, ["list", "stat1", "stat16", "open1", "open16", "random1", "random8", "stream", "create1", "create16", "write"]).ConfigureAwait(false);
        await new SmbBenchmark(server, late.Port).ShowAsync("+1 ms", runs, only, ["list", "stat16", "open16", "random8", "create16"]).ConfigureAwait(false);
        return 0;
    }

    private Task ShowAsync(string title, int runs, string only, string[] works)
    {
        PeerTable table = new(title, runs, LimitSeconds);
        foreach (string protection in (string[])["encrypt", "sign", "none"])
        {
            table.Add("kfs, " + protection, work => Task.FromResult(Measure(Kaleidofs(protection), work)));
        }
        table.Add("rclone", work => Task.FromResult(Measure(Rclone(), work)));
        return table.ShowAsync(works.Where(work => work.StartsWith(only, StringComparison.Ordinal)));
    }

    private ArchiveMounter Kaleidofs(string protection) => new("kaleidofs", (_, place, folder) =>
        [Repository.At("kaleidofs"), "mount", $"smb://127.0.0.1/share", place, "-o", $"port={_port},user={_server.User},protection={protection},inodes={folder}"], _ => true);

    private ArchiveMounter Rclone()
    {
        string password = Shell.Run("rclone obscure \"$1\"", SambaServer.Password).Succeeded().Text.Trim();
        return new("rclone", (_, place, folder) =>
            ["rclone", "mount", $":smb,host=127.0.0.1,port={_port},user={_server.User},pass={password}:share", place, "--config", "/dev/null", "--cache-dir", folder, "--vfs-cache-mode", "writes"], _ => true);
    }

    private static Figure Measure(ArchiveMounter mounter, string work)
    {
        using MountedArchive mounted = new(mounter, "share");
        string at(string name) => Path.Combine(mounted.Place, name);
        double before = mounted.ProcessorSeconds;
        double? value = work switch
        {
            "list" => mounted.Time($"test \"$(ls -l \"$1/{Many}\" | wc -l)\" = {Files + 1}", LimitSeconds),
            "stat1" => MountedWorks.Visit(at(Many), Files, 1, Seconds, isRead: false),
            "stat16" => MountedWorks.Visit(at(Many), Files, 16, Seconds, isRead: false),
            "open1" => MountedWorks.Visit(at(Many), Files, 1, Seconds, isRead: true),
            "open16" => MountedWorks.Visit(at(Many), Files, 16, Seconds, isRead: true),
            "random1" => MountedWorks.ReadRandom(at(Huge), 1, Seconds),
            "random8" => MountedWorks.ReadRandom(at(Huge), 8, Seconds),
            "stream" => mounted.Time($"exec dd if=\"$1/{Large}\" of=/dev/null bs=1M status=none", LimitSeconds),
            "create1" => MountedWorks.Create(at($"made-{++s_folders}"), 1, Seconds),
            "create16" => MountedWorks.Create(at($"made-{++s_folders}"), 16, Seconds),
            "write" => mounted.Time($"exec dd if=/dev/zero of=\"$1/written\" bs=1M count={Mebibytes / 2} conv=fsync status=none", LimitSeconds),
            _ => throw new ArgumentOutOfRangeException(nameof(work)),
        };
        double processor = mounted.ProcessorSeconds - before;
        return new Figure(value, value is { } rate && work is not ("list" or "stream" or "write") ? processor * 1000 / (rate * Seconds) : processor);
    }
}
