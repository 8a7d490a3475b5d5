using Kaleidofs.Host.DevFuse.Uring;
using Kaleidofs.Tests.Support;
using Kaleidofs.Tests.Unit.Host;

namespace Kaleidofs.Tests.Unit.DevFuse;

/// <summary>
/// Where io_uring cannot be had a mount works without it, and the log says why. The program is shown a kernel that is
/// not this one, by files of sysfs that only its own mount namespace has.
/// </summary>
[Collection(ProgramCollection.Name)]
public sealed class IoUringFallbackTests(FuseOverIoUring kernel) : IClassFixture<FuseOverIoUring>
{
    private const string Switch = "/sys/module/fuse/parameters/enable_uring";
    private const string Possible = "/sys/devices/system/cpu/possible";

    [SkippableTheory]
    [InlineData(Switch, "N", "it is switched off in the kernel")]
    [InlineData(Possible, "none", "is not a list of CPUs")]
    public void What_is_known_beforehand_is_not_tried(string file, string content, string reason)
    {
        CommandResult result = Mount(file, content, "auto");
        Assert.Equal("data\nentries\nexit 0\n", result.Text);
        Assert.Contains(", by /dev/fuse, ", result.Error);
        Assert.Contains(reason, result.Error);
    }

    [SkippableFact]
    public void A_queue_too_many_is_refused_by_the_kernel_and_the_mount_works_without()
    {
        CommandResult result = Mount(Possible, $"0-{PossibleCpus.Count()}", "auto");
        Assert.Equal("data\nentries\nexit 0\n", result.Text);
        Assert.Contains(", by /dev/fuse, ", result.Error);
        Assert.Contains("Invalid argument", result.Error);
    }

    [SkippableFact]
    public void A_queue_too_few_is_noticed_before_anybody_waits_for_it()
    {
        Skip.If(PossibleCpus.Count() < 2, "one CPU");
        CommandResult result = Mount(Possible, "0", "auto");
        Assert.Equal("data\nentries\nexit 0\n", result.Text);
        Assert.Contains("the kernel sends no requests", result.Error);
    }

    [SkippableFact]
    public void Who_insists_gets_no_mount_but_the_reason()
    {
        CommandResult result = Mount(Switch, "N", "on");
        Assert.Equal("exit 1\n", result.Text);
        Assert.Contains("io_uring=on, but it is switched off in the kernel (echo Y >", result.Error);
    }

    private CommandResult Mount(string file, string content, string mode)
    {
        Skip.If(kernel.Missing is not null, kernel.Missing);
        Skip.IfNot(Environment.IsPrivilegedProcess, "files of sysfs are root's to replace");
        using TemporaryFolder folder = new();
        return Shell.Run("""
            cd "$1"; echo "$3" >file; mkdir m
            exec unshare -m bash -c '
              mount --bind file "$1" || exit 9
              KALEIDOFS_NO_BUILD=1 "$0" mount null: m -o "io_uring=$2" 2>log & pid=$!
              for i in $(seq 600); do grep -q " mounted " log && break; [ -d /proc/$pid ] || break; sleep .1; done
              if mountpoint -q m; then timeout 60 ls m; kill $pid; fi
              wait $pid; echo "exit $?"; cat log >&2' "$2" "$4" "$5"
            """, folder.Path, Repository.At("kaleidofs"), content, file, mode);
    }
}
