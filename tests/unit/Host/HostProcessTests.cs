using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Unit.Host;

/// <summary>The process as an operator has it: signals, umount, failures beside what works.</summary>
[Collection(ProgramCollection.Name)]
public sealed class HostProcessTests
{
    /// <summary>Runs a script with the program as $kaleidofs, in a folder of its own; what it leaves mounted is taken away.</summary>
    private static CommandResult Play(string script)
    {
        Skip.If(HostProcess.MountMissing is not null, HostProcess.MountMissing);
        using TemporaryFolder folder = new();
        const string Preparation = """
            kaleidofs=$1; cd "$2" || exit 99
            await() { for i in $(seq 1000); do eval "$1" && return; sleep .02; done; echo "waited in vain for: $1" >&2; cat log >&2; exit 98; }
            trap 'kill -9 $(jobs -p) 2>/dev/null; wait; for m in $(grep -o " $PWD/[^ ]*" /proc/self/mounts); do umount -l $m; done' EXIT

            """;
        return Shell.Run(Preparation + script, BuiltProgram.Program, folder.Path);
    }

    [SkippableFact]
    public void One_share_that_fails_does_not_stop_the_others_and_SIGTERM_unmounts_all()
    {
        CommandResult result = Play("""
            mkdir a b c
            cat >config.json <<END
            {
              // a comment, and a comma too many
              "cache-size": "16M",
              "shares": [
                { "name": "first", "source": "null:", "mount": "$PWD/a", "options": { "size": 4096, "uid": 7 }, "translate-uid": ["map:1000:7:1"] },
                { "name": "missing", "source": "$PWD/none.zip", "mount": "$PWD/b" },
                { "name": "third", "source": "null:", "socket-path": "$PWD/socket", "tag": "x" },
                { "name": "fourth", "source": "null:", "mount": "$PWD/c", "readonly": true },
              ],
            }
            END
            $kaleidofs host --config config.json 2>log & pid=$!
            await 'grep -q "3 of 4 shares" log'
            stat -c '%s %u' a/data c/data; test -S socket && echo listening
            umount c; await 'grep -q "fourth: ended" log'; kill -0 $pid && cat a/data | wc -c
            kill -TERM $pid; wait $pid; echo "exit $?"
            grep -c "$PWD" /proc/self/mounts; test -e socket || echo removed
            grep -o 'missing: cannot open.*none.zip: no such file or directory' log | sed "s,$PWD/,,"
            """);
        Assert.Equal("4096 1000\n1073741824 0\nlistening\n4096\nexit 0\n0\nremoved\nmissing: cannot open none.zip: no such file or directory\n", result.Text);
    }

    [SkippableFact]
    public void A_host_without_any_share_that_opens_fails()
    {
        CommandResult result = Play("""
            echo '{ "shares": [{ "source": "/nonexistent.zip", "mount": "/tmp" }] }' >config.json
            $kaleidofs host --config config.json; echo "exit $?"
            """);
        Assert.Equal("exit 1\n", result.Text);
        Assert.Contains("no share could be opened", result.Error);
    }

    [SkippableTheory]
    [InlineData("kill -TERM $pid")]
    [InlineData("kill -INT $pid")]
    [InlineData("umount m")]
    public void A_mount_ends_by_signal_or_umount_with_exit_code_0(string end)
    {
        CommandResult result = Play($$"""
            mkdir m
            set -m
            $kaleidofs mount null: m 2>log & pid=$!
            await 'grep -q "mounted null: on $PWD/m" log'
            ls m; {{end}}; wait $pid; echo "exit $?"; mountpoint -q m || echo unmounted
            """);
        Assert.Equal("data\nentries\nexit 0\nunmounted\n", result.Text);
    }

    [SkippableFact]
    public void A_mount_that_is_in_use_is_detached()
    {
        CommandResult result = Play("""
            mkdir m
            $kaleidofs mount null: m 2>log & pid=$!
            await 'mountpoint -q m'
            exec 5<m/data
            kill -TERM $pid; wait $pid; echo "exit $?"
            mountpoint -q m || echo unmounted
            grep -c 'in use' log
            timeout 10 head -c 1 <&5 >/dev/null 2>&1; echo "read $?"
            """);
        Assert.Equal("exit 0\nunmounted\n1\nread 1\n", result.Text);
    }

    [SkippableFact]
    public void Asked_twice_to_end_it_still_unmounts()
    {
        CommandResult result = Play("""
            mkdir m
            $kaleidofs mount null: m 2>log & pid=$!
            await 'mountpoint -q m'
            kill -TERM $pid; kill -TERM $pid; kill -HUP $pid
            wait $pid; echo "exit $?"
            mountpoint -q m || echo unmounted
            """);
        Assert.Equal("exit 0\nunmounted\n", result.Text);
    }

    [SkippableFact]
    public void What_a_killed_host_left_is_named_when_somebody_mounts_there()
    {
        CommandResult result = Play("""
            mkdir m
            $kaleidofs mount null: m 2>log & pid=$!
            await 'mountpoint -q m'
            kill -9 $pid; wait $pid 2>/dev/null
            $kaleidofs mount null: m 2>log2; echo "exit $?"
            grep -o 'a host that died is still there; remove it with: umount' log2
            umount m
            $kaleidofs mount null: m 2>log3 & pid=$!
            await 'grep -q mounted log3'; ls m; kill $pid; wait $pid; echo "exit $?"
            """);
        Assert.Equal("exit 1\na host that died is still there; remove it with: umount\ndata\nentries\nexit 0\n", result.Text);
    }

    [SkippableFact]
    public void A_place_that_cannot_be_mounted_on_is_one_clear_line()
    {
        CommandResult result = Play("""
            mkdir m; touch file
            $kaleidofs mount null: none; $kaleidofs mount null: file
            $kaleidofs mount null: m 2>log & pid=$!
            await 'mountpoint -q m'
            $kaleidofs mount null: m; echo "exit $?"
            ls m; kill $pid; wait $pid
            """);
        Assert.Equal("exit 1\ndata\nentries\n", result.Text);
        string[] lines = [.. result.Error.TrimEnd().Split('\n').Select(line => line[(line.IndexOf(" cannot", StringComparison.Ordinal) + 1)..])];
        Assert.Equal(3, lines.Length);
        Assert.Equal("cannot mount on none: no such directory; create it first", lines[0]);
        Assert.Equal("cannot mount on file: not a directory", lines[1]);
        Assert.StartsWith("cannot mount on m: null: (fuse.kaleidofs) is mounted there; unmount it first", lines[2]);
    }

    [SkippableFact]
    public void An_unprivileged_user_mounts_through_fusermount3()
    {
        CommandResult result = Play("""
            command -v fusermount3 >/dev/null || { echo "no fusermount3"; exit; }
            mkdir m; run=
            if [ "$(id -u)" = 0 ]; then
              # In a mount namespace of its own: /dev/fuse as udev makes it, which containers often do not.
              [ -n "${PRIVATE:-}" ] || { rmdir m; PRIVATE=1 exec unshare -m bash -c "$BASH_EXECUTION_STRING" bash "$@"; }
              mknod -m 666 fuse c 10 229 && mount --bind fuse /dev/fuse
              # A copy of the program where such a user may go.
              cp -r "$(dirname $kaleidofs)/artifacts/kaleidofs" program && chmod 711 . && chown 65534:65534 m
              run="setpriv --reuid 65534 --regid 65534 --clear-groups env HOME=$PWD/m $PWD/program/kaleidofs"
            fi
            ${run:-$kaleidofs} mount null: $PWD/m -o size=5000,io_uring=off 2>log & pid=$!
            await 'grep -q mounted log'
            ls -d /proc/$pid/task/* | xargs -I{} cat {}/comm | grep -c fuse-
            grep " $PWD/m " /proc/self/mounts | cut -d' ' -f1,3
            user=; [ -z "$run" ] || user="setpriv --reuid 65534 --regid 65534 --clear-groups"
            readers=; for i in 1 2 3 4; do $user head -c 4097 m/data | wc -c & readers+=" $!"; done; wait $readers; $user ls m/entries | wc -l
            kill -TERM $pid; wait $pid; echo "exit $?"; mountpoint -q m || echo unmounted
            """);
        Skip.If(result.Text == "no fusermount3\n", result.Text);
        Assert.Equal($"{Kaleidofs.Host.DevFuse.DevFuseServer.DefaultThreads}\nnull: fuse.kaleidofs\n4097\n4097\n4097\n4097\n10000\nexit 0\nunmounted\n", result.Text);
    }
}
