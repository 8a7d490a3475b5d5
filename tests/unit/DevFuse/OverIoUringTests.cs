using Kaleidofs.Host.DevFuse.Uring;
using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Unit.DevFuse;

/// <summary>Requests come over io_uring.</summary>
public sealed class OverIoUringTests(FuseOverIoUring kernel) : MountedServerTests(IoUringMode.On), IClassFixture<FuseOverIoUring>
{
    protected override string? Missing => kernel.Missing;

    [SkippableTheory]
    [InlineData("kill -9 $pid", 137)]
    [InlineData("kill -TERM $pid", 0)]
    public void A_host_that_ends_under_load_leaves_nobody_waiting(string end, int status)
    {
        Skip.If(Missing is not null, Missing);
        using TemporaryFolder folder = new();
        CommandResult result = Shell.Run($$"""
            cd "$1"; mkdir m; export KALEIDOFS_NO_BUILD=1
            "$2" mount null: m -o io_uring=on 2>log & pid=$!
            for i in $(seq 600); do grep -q " mounted " log && break; [ -d /proc/$pid ] || break; sleep .1; done
            readers=
            for i in 1 2 3 4 5 6; do
              ( while dd if=m/data of=part$i iflag=direct bs=1M count=4 && stat -f m; do :; done ) >/dev/null 2>&1 & readers+=" $!"
            done
            for i in 1 2 3 4 5 6; do until [ -s part$i ] || [ ! -d /proc/$pid ]; do sleep .1; done; done
            {{end}}; wait $pid; echo "exit $?"
            wait $readers; echo "nobody waits"; umount -l m 2>/dev/null
            """, folder.Path, Repository.At("kaleidofs"));
        Assert.Equal($"exit {status}\nnobody waits\n", result.Text);
    }

    [SkippableFact]
    public void There_are_no_more_threads_than_CPUs_and_one_descriptor()
    {
        MountedServer mounted = Mount(new WaitingFileSystem(), threads: 64);
        Assert.Equal(Math.Min(64, PossibleCpus.Count()), mounted.Server.ThreadCount);
        Assert.Single(Directory.GetFiles("/proc/self/fd"), path => new FileInfo(path).LinkTarget == "/dev/fuse");
    }
}
