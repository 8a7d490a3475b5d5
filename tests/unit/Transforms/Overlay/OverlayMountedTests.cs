using Kaleidofs.Tests.Support;
using Kaleidofs.Tests.Unit.Host;

namespace Kaleidofs.Tests.Unit.Transforms.Overlay;

/// <summary>The real program, confined, mounted through the kernel, used by real tools, and killed.</summary>
[Collection(ProgramCollection.Name)]
public sealed class OverlayMountedTests
{
    private static CommandResult Play(string script)
    {
        Skip.If(HostProcess.MountMissing is not null, HostProcess.MountMissing);
        using TemporaryFolder folder = new();
        const string Preparation = """
            kaleidofs=$1; cd "$2" || exit 99
            await() { for i in $(seq 1000); do eval "$1" && return; sleep .02; done; echo "waited in vain for: $1" >&2; cat log >&2; exit 98; }
            begin() { $kaleidofs mount x.tar m -o overlay=upper,io_uring=off 2>log & pid=$!; await 'mountpoint -q m'; }
            end() { kill -TERM $pid; wait $pid || echo "exit $?"; }
            trap 'kill -9 $(jobs -p) 2>/dev/null; wait; for m in $(grep -o " $PWD/[^ ]*" /proc/self/mounts); do umount -l $m; done' EXIT
            mkdir -p m t/a/b t/c && seq 1 50000 >t/a/b/numbers && seq 1 9 >t/a/few && ln t/a/few t/c/twin && ln -s a/few t/link && tar cf x.tar -C t .

            """;
        return Shell.Run(Preparation + script, BuiltProgram.Program, folder.Path);
    }

    [SkippableFact]
    public void Real_tools_do_the_same_to_an_overlay_as_to_a_directory_and_find_it_again()
    {
        CommandResult result = Play("""
            before=$(sha256sum x.tar)
            work() {
              cd $1 && echo more >>a/few && cp -a a copy && mv a/b moved && mv a c/a && rm -r copy/b && ln c/twin c/third
              dd if=/dev/zero of=moved/numbers bs=1 seek=1000 count=500 conv=notrunc 2>/dev/null
              truncate -s 3M sparse && printf x | dd of=sparse bs=1 seek=2000000 conv=notrunc 2>/dev/null
              mkdir -m 2775 g && touch -d '2001-02-03 04:05:06.789' g/old && chmod 4711 g/old && ln -sf nowhere link && sed -i s/5/five/ c/a/few
              git init -q repo && cd repo && git config user.email a@b && git config user.name n && cp ../moved/numbers . && git add . && git commit -qm one && git gc -q && git fsck 2>&1 | grep -v notice
              cd ../..
            }
            picture() { (cd $1 && find . -path ./repo/.git -prune -o -printf '%p %y %#m %s %n %l\n' | sort | sed 's/ d \([0-9]*\) [0-9]* [0-9]*/ d \1/'; cd $1 2>/dev/null; find . -type f -not -path './repo/.git/*' | sort | xargs sha256sum); }
            begin; work t; work m; git -c safe.directory='*' -C m/repo log --oneline | wc -l
            picture t >expected; picture m >got; diff expected got && echo same
            stat -c %y m/g/old; end
            begin; picture m >again; diff expected again && echo same again
            git -c safe.directory='*' -C m/repo status --short; git -c safe.directory='*' -C m/repo fsck
            rm -rf m/* && ls -A m | wc -l; end
            begin; ls -A m | wc -l; end
            [ "$before" = "$(sha256sum x.tar)" ] && echo untouched
            """);
        Assert.Equal("1\nsame\n2001-02-03 04:05:06.789000000 +0000\nsame again\n0\n0\nuntouched\n", result.Text);
    }

    [SkippableFact]
    public void What_is_confirmed_by_fsync_survives_kill_9_at_any_moment()
    {
        CommandResult result = Play("""
            for round in 1 2; do
              begin
              ( cd m; i=0; while :; do i=$((i+1)); f=r$round.$i; echo "$f $RANDOM" >$f.tmp && sync $f.tmp && mv $f.tmp $f && sync . && cp $f ../copy && mv ../copy ../confirmed.$f # cp alone leaves an empty file when it is cut off
                echo "$f" >>a/few && sync a/few && echo "$f" >>../appended || exit; done ) 2>/dev/null & writer=$!
              await "[ \$(ls confirmed.r$round.* 2>/dev/null | wc -l) -ge $((round * 7)) ]"
              kill -9 $pid; wait $pid 2>/dev/null; umount -l m; kill $writer 2>/dev/null; wait $writer 2>/dev/null
              begin
              for c in confirmed.*; do cmp $c m/${c#confirmed.} || { echo "lost $c"; ls -l $c m/${c#confirmed.}; }; done
              { seq 1 9; cat appended; } >few; cmp -n $(stat -c %s few) few m/a/few || echo "lost lines"
              sed 1,9d m/a/few >appended # with the line that was written and not confirmed, if there is one
              find m -type f -exec cat {} + >/dev/null || echo unreadable
              end
            done; echo done
            """);
        Assert.Equal("done\n", result.Text);
    }

    [SkippableFact]
    public void A_file_made_without_a_name_can_be_given_one()
    {
        CommandResult result = Play("""
            begin
            python3 - m <<'EOF'
            import os, sys
            folder = os.open(sys.argv[1], os.O_DIRECTORY)
            for name in None, "kept":
                file = os.open(sys.argv[1] + "/a", os.O_TMPFILE | os.O_RDWR, 0o640)
                os.write(file, b"written before it has a name\n")
                os.setxattr(file, "user.kind", b"unnamed")
                assert os.fstat(file).st_nlink == 0
                if name:
                    os.fsync(file)
                    os.link(f"/proc/self/fd/{file}", name, dst_dir_fd=folder, follow_symlinks=True)
                    assert os.fstat(file).st_nlink == 1, os.fstat(file)
                os.close(file)
            EOF
            ls m; end
            begin; stat -c '%h %s %a' m/kept; cat m/kept; python3 -c 'import os; print(os.getxattr("m/kept", "user.kind").decode())'; ls upper/data | wc -l; end
            """);
        Assert.Equal("a\nc\nkept\nlink\n1 29 640\nwritten before it has a name\nunnamed\n1\n", result.Text);
    }

    [SkippableFact]
    public void Mistakes_are_one_clear_line()
    {
        CommandResult result = Play("""
            $kaleidofs mount x.tar m -o overlay=upper --readonly; echo "exit $?"
            $kaleidofs mount x.tar m -o overlay=; echo "exit $?"
            begin; $kaleidofs mount x.tar t -o overlay=upper; echo "exit $?"; touch m/x; end
            touch x.tar; $kaleidofs ls x.tar -o overlay=upper; echo "exit $?"
            """);
        Assert.Equal("exit 2\nexit 2\nexit 1\nexit 1\n", result.Text);
        string[] lines = result.Error.TrimEnd().Split('\n');
        Assert.Equal(4, lines.Count(line => line.StartsWith("kaleidofs: ", StringComparison.Ordinal)));
        Assert.Contains("read-only", lines[0]);
        Assert.Contains("another process or share uses it", result.Error);
        Assert.Contains("another version", result.Error);
    }
}
