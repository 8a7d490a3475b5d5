using System.Text.Json;
using System.Text.RegularExpressions;
using Kaleidofs.Tests.Support;
using Kaleidofs.Tests.Support.VhostUser;
using Kaleidofs.Tests.Unit.Host;

namespace Kaleidofs.Tests.Unit.Diagnostics;

/// <summary>The program tells of itself: <c>status</c>, <c>top</c>, <c>--metrics</c>, <c>--trace</c>.</summary>
[Collection(ProgramCollection.Name)]
public sealed class StatusTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Control => _folder.At("control");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Status_and_metrics_show_what_a_virtual_machine_did_and_who_it_is()
    {
        string metrics = _folder.At("metrics");
        using HostProcess host = HostProcess.Serve("null:", "--control-socket", Control, "--metrics", $"unix:{metrics}");
        Assert.Contains("share null: null: by vhost-user on", Status(), StringComparison.Ordinal);
        Assert.Contains("waiting for a virtual machine", Status(), StringComparison.Ordinal);
        using (ConnectedGuest guest = new(host.Place))
        {
            for (int i = 0; i < 50; i++)
            {
                Assert.Equal(Errno.None, guest.Client.Read(2, 0, 0, 4096).Errno);
            }
            JsonElement status = JsonDocument.Parse(Status("--json")).RootElement;
            Assert.Equal(host.Id, status.GetProperty("process_id").GetInt32());
            JsonElement share = status.GetProperty("shares")[0];
            Assert.Equal($"connected to process {Environment.ProcessId}", share.GetProperty("state").GetString());
            Assert.Equal(host.Place, share.GetProperty("endpoint").GetString());
            JsonElement read = share.GetProperty("operations").EnumerateArray().Single(operation => operation.GetProperty("opcode").GetString() == "read");
            Assert.Equal((50, 50 * 4096), (read.GetProperty("operations").GetInt32(), read.GetProperty("sent_bytes").GetInt32()));
            Assert.InRange(read.GetProperty("p50_seconds").GetDouble(), 1e-9, read.GetProperty("p99_seconds").GetDouble());

            string text = Status();
            Assert.Matches(@"(?m)^    read +50 +0 +200\.0 KiB +0 B +0 ", text);
            Assert.Matches(@"(?m)^    queue 1: 5\d operations, 1\.0 at a time, 0 wait for the source$", text);
        }
        PrometheusParser parsed = PrometheusParser.Parse(Shell.Run("curl -sS --unix-socket \"$1\" http://localhost/metrics", metrics).Succeeded().Text);
        Assert.Equal(50, parsed.Value("kaleidofs_operations_total", ("share", "null"), ("opcode", "read")));
        Assert.Equal(0, host.Stop());
        Assert.False(File.Exists(Control) || File.Exists(metrics));
    }

    [SkippableTheory]
    [InlineData("auto")]
    [InlineData("no")]
    public void Reads_of_a_mount_are_counted_exactly(string overIoUring)
    {
        Skip.If(HostProcess.MountMissing is not null, HostProcess.MountMissing);
        using HostProcess host = HostProcess.Mount("null:", "--control-socket", Control, "-o", $"threads=2,io_uring={overIoUring}");
        Shell.Run("dd if=\"$1/data\" of=/dev/null bs=64K count=40 iflag=direct", host.Place).Succeeded();
        JsonElement share = JsonDocument.Parse(Status("--json")).RootElement.GetProperty("shares")[0];
        Assert.Equal("fuse", share.GetProperty("transport").GetString());
        Assert.StartsWith("mounted ", share.GetProperty("state").GetString());
        JsonElement read = share.GetProperty("operations").EnumerateArray().Single(operation => operation.GetProperty("opcode").GetString() == "read");
        Assert.Equal((40, 40 << 16), (read.GetProperty("operations").GetInt32(), read.GetProperty("sent_bytes").GetInt32()));
    }

    [Fact]
    public async Task Top_shows_rates_a_block_each_time_where_there_is_no_terminal()
    {
        using HostProcess host = HostProcess.Serve("null:", "--control-socket", Control);
        using ConnectedGuest guest = new(host.Place);
        using CancellationTokenSource stop = new();
        Task load = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                guest.Client.GetAttributes(1);
            }
        });
        string text = BuiltProgram.Run("top", "--control-socket", Control, "--interval", "0.5", "--count", "2").Succeeded().Text;
        await stop.CancelAsync();
        await load;
        Assert.Equal(2, Regex.Count(text, "(?m)^kaleidofs .*process "));
        Assert.Matches(@"(?m)^    getattr +[1-9][0-9,]* ", text);
        Assert.DoesNotContain("\x1b", text);
        // INIT was before the first look.
        Assert.DoesNotContain(" init ", text);
    }

    [Fact]
    public void A_trace_shows_the_guest_s_operations_and_not_its_tricks()
    {
        using HostProcess host = HostProcess.Serve("null:", "--control-socket", Control, "--trace");
        using (ConnectedGuest guest = new(host.Place))
        {
            guest.Client.Lookup(1, "data");
            guest.Client.Lookup(1, "\x1b]0;owned\x07");
            guest.Client.Read(2, 0, 8192, 4096);
        }
        Assert.Equal(0, host.Stop());
        Assert.Matches(@"\d null/1 #\d+ lookup inode=1 ""data"" = 128 bytes, \d+\.\d us", host.Log);
        Assert.Contains("lookup inode=1 \"\\x1b]0;owned\\x07\" = ", host.Log);
        Assert.Contains("read inode=2 fh=0 offset=8192 size=4096 = 4096 bytes", host.Log);
        Assert.DoesNotContain("\x1b", host.Log);
    }

    [Fact]
    public void Running_processes_are_found_and_dead_ones_are_not()
    {
        CommandResult result = Shell.Run("""
            kaleidofs=$1; cd "$2" || exit 99; export XDG_RUNTIME_DIR=$PWD/run KALEIDOFS_NO_BUILD=1; mkdir run
            await() { for i in $(seq 3000); do eval "$1" && return; sleep .02; done; echo "waited in vain for: $1" >&2; exit 98; }
            trap 'kill -9 $(jobs -p) 2>/dev/null; wait' EXIT
            $kaleidofs serve null: --socket-path a 2>/dev/null & a=$!
            $kaleidofs serve null: --socket-path b 2>/dev/null & b=$!
            await 'test -S a && test -S b && test $(ls run/kaleidofs | wc -l) = 2'
            stat -c %a run/kaleidofs run/kaleidofs/$a.sock
            $kaleidofs status | grep -c -e "process $a," -e "process $b,"
            $kaleidofs status --pid $b | grep -c '^kaleidofs '
            kill -9 $a; wait $a 2>/dev/null
            await '! $kaleidofs status | grep -q "process $a,"'; ls run/kaleidofs/$a.sock | wc -l
            kill $b; wait $b; ls run/kaleidofs | wc -l
            $kaleidofs status --pid $b 2>error; echo "exit $?"; sed "s/$b/B/" error
            """, BuiltProgram.Program, _folder.Path);
        Assert.Equal("700\n600\n2\n1\n1\n1\nexit 1\nkaleidofs: process B is no kaleidofs that this user can ask; see the running ones with: kaleidofs status\n", result.Text);
    }

    [Fact]
    public void A_confined_process_serves_metrics_on_a_loopback_port()
    {
        using HostProcess host = HostProcess.Serve("null:", "--metrics", "127.0.0.1:0", "--control-socket", Control);
        string url = Regex.Match(host.Log, @"metrics are at (http://\S+)").Groups[1].Value;
        PrometheusParser parsed = PrometheusParser.Parse(Shell.Run("curl -sS \"$1\"", url).Succeeded().Text);
        Assert.Equal(1, parsed.Value("kaleidofs_share_info", ("share", "null"), ("transport", "vhost-user")));
    }

    [Fact]
    public void Metrics_for_the_network_are_bad_usage()
    {
        CommandResult result = BuiltProgram.Run("serve", "null:", "--socket-path", _folder.At("s"), "--metrics", "0.0.0.0:9469");
        Assert.Equal(2, result.Status);
        Assert.StartsWith("kaleidofs: invalid --metrics '0.0.0.0:9469': metrics are served on this machine only", result.Error);
    }

    private string Status(params IEnumerable<string> options) => BuiltProgram.Run(["status", "--control-socket", Control, .. options]).Succeeded().Text;
}
