using System.Diagnostics;
using System.Globalization;
using Kaleidofs.Drivers.Smb.Client;
using Kaleidofs.Tests.Support;
using Kaleidofs.Tests.Support.Servers;

namespace Kaleidofs.Tests.Bench.Peers;

/// <summary>The SMB driver's client alone, without a mount, beside Samba's own.</summary>
internal sealed class SmbClientBenchmark(SambaServer server, string peer)
{
    public const int Files = 10_000;
    public const int Mebibytes = 512;

    private const double Seconds = 3;
    private const int LimitSeconds = 120;

    private const string Help = """
        usage: smb-client [--runs N]

        A share of a Samba that the benchmark starts, its files in the page cache, used by the driver's client alone (one connection),
        and beside it by Samba's: a small program on libsmbclient (a process and a connection for each request under way, as it knows
        no more than one), and smbclient's get and put. By turns, medians of N runs (default 3).
          random8     64 KiB at random offsets of a file of 512 MiB, a second, 8 under way
          stat, stat8 a name looked up, a second; nothing is remembered
          open, open8 open, 4 KiB read, close, a second
          list        names with attributes a second, of a directory of 10,000
          read        that file from its beginning to its end, seconds; here with 4 requests of 1 MiB under way
          write       512 MiB written, seconds; the same
        In brackets the client's own processor time: microseconds for each of what is counted, or seconds.
        """;

    private static readonly string[] Works = ["random8", "stat", "stat8", "open", "open8", "list"];
    private static readonly string[] Streams = ["read", "write"];

    public static async Task<int> RunAsync(string[] args)
    {
        int runs = 3;
        if (!CountOption.TryRead(args, "--runs", Help, ref runs, out int status))
        {
            return status;
        }
        CommandResult peer = Shell.Run("KALEIDOFS_CACHE=$1 exec \"$2\"", Repository.Cache, Repository.At("eng/smb-client-peer.sh"));
        if (peer.Status != 0)
        {
            Console.Error.WriteLine("bench: the peer and the server could not be had: " + peer.Error);
            return 1;
        }
        using SambaServer server = new();
        Shell.Run("""
            mkdir "$1/many" && cd "$1/many" && seq -f 'f%05g' 0 $(($2 - 1)) | xargs -n 1000 sh -c 'for f; do head -c 4096 /dev/zero >$f; done' sh
            head -c $(($3 << 20)) /dev/urandom >"$1/large"
            """, server.Share, Files.ToString(CultureInfo.InvariantCulture), Mebibytes.ToString(CultureInfo.InvariantCulture)).Succeeded();
        await new SmbClientBenchmark(server, peer.Text.Trim()).ShowAsync(runs).ConfigureAwait(false);
        return 0;
    }

    private async Task ShowAsync(int runs)
    {
        await MakeTable("requests", runs, hasSmbclient: false).ShowAsync(Works).ConfigureAwait(false);
        await MakeTable("streams", runs, hasSmbclient: true).ShowAsync(Streams).ConfigureAwait(false);
    }

    private PeerTable MakeTable(string title, int runs, bool hasSmbclient)
    {
        PeerTable table = new(title, runs, LimitSeconds);
        foreach (bool encrypts in (bool[])[false, true])
        {
            string how = encrypts ? ", encr." : ", plain";
            table.Add("here" + how, work => MeasureAsync(work, encrypts));
            table.Add("libsmb" + how, work => Task.FromResult(MeasurePeer(work, encrypts)));
            if (hasSmbclient)
            {
                table.Add("smbclient" + how, work => Task.FromResult(MeasureSmbclient(work, encrypts)));
            }
        }
        return table;
    }

    private async Task<Figure> MeasureAsync(string work, bool encrypts)
    {
        SmbTarget target = new()
        {
            Server = "127.0.0.1",
            Port = server.Port,
            Share = "share",
            Credentials = new SmbCredentials { User = server.User, Password = SambaServer.Password },
            Protection = encrypts ? MessageProtection.Encrypt : MessageProtection.None,
        };
        await using SmbShare share = await SmbLogon.OpenAsync(target, CancellationToken.None).ConfigureAwait(false);
        SmbClientWorks works = new(share, Seconds);
        TimeSpan before = Environment.CpuUsage.TotalTime;
        long start = Stopwatch.GetTimestamp();
        double done = work switch
        {
            "random8" => await works.ReadRandomAsync(8).ConfigureAwait(false),
            "stat" => await works.StatAsync(1).ConfigureAwait(false),
            "stat8" => await works.StatAsync(8).ConfigureAwait(false),
            "open" => await works.OpenAsync(1).ConfigureAwait(false),
            "open8" => await works.OpenAsync(8).ConfigureAwait(false),
            "list" => await works.ListAsync().ConfigureAwait(false),
            "read" => await works.StreamAsync(4).ConfigureAwait(false),
            _ => await works.WriteAsync(4).ConfigureAwait(false),
        };
        return Describe(work, done, Stopwatch.GetElapsedTime(start).TotalSeconds, (Environment.CpuUsage.TotalTime - before).TotalSeconds);
    }

    private Figure MeasurePeer(string work, bool encrypts)
    {
        string kind = work.TrimEnd('8');
        string[] told = Shell.Run("exec \"$@\"", peer, kind, kind.Length < work.Length ? "8" : "1", Seconds.ToString(CultureInfo.InvariantCulture), "smb://127.0.0.1/share",
            server.Port.ToString(CultureInfo.InvariantCulture), server.User, SambaServer.Password, encrypts ? "1" : "0").Succeeded().Text.Split(' ');
        double[] numbers = [.. told.Select(text => double.Parse(text, CultureInfo.InvariantCulture))];
        return Describe(work, numbers[0], numbers[1], numbers[2]);
    }

    private Figure MeasureSmbclient(string work, bool encrypts)
    {
        const string Script = """
            TIMEFORMAT='%R %U %S'; cd /; [ -e /dev/shm/kaleidofs-large ] || head -c "$1" /dev/zero >/dev/shm/kaleidofs-large
            time smbclient -p "$2" -U "$3%$4" --client-protection="$5" //127.0.0.1/share -c "$6" >/dev/null 2>&1
            rm -f /dev/shm/kaleidofs-large
            """;
        string[] times = Shell.Run(Script, ((long)Mebibytes << 20).ToString(CultureInfo.InvariantCulture), server.Port.ToString(CultureInfo.InvariantCulture), server.User, SambaServer.Password,
            encrypts ? "encrypt" : "off", work == "read" ? "get large /dev/null" : "put /dev/shm/kaleidofs-large written").Succeeded().Error.Trim().Split(' ');
        double[] numbers = [.. times.Select(text => double.Parse(text, CultureInfo.InvariantCulture))];
        return new Figure(numbers[0], numbers[1] + numbers[2]);
    }

    private static Figure Describe(string work, double done, double seconds, double processor)
        => work is "read" or "write" ? new Figure(seconds, processor) : new Figure(done / seconds, processor * 1e6 / done);
}
