using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Unit.Host;

/// <summary><c>kaleidofs export</c>, read by the real tar.</summary>
[Collection(ProgramCollection.Name)]
public sealed class ExportTests
{
    private static CommandResult Play(string script)
    {
        using TemporaryFolder folder = new();
        return Shell.Run("set -eu -o pipefail\nkaleidofs=$1; cd \"$2\"\n" + script, BuiltProgram.Program, folder.Path);
    }

    [Fact]
    public void A_tree_comes_out_as_it_went_in()
    {
        CommandResult result = Play("""
            mkdir -p t/a/b t/empty
            seq 1 50000 >t/a/numbers; : >t/a/nothing; ln t/a/numbers t/a/b/twin; ln -s ../a/numbers t/link; mkfifo -m 600 t/fifo
            long=$(printf 'n%.0s' $(seq 200)); echo long >t/a/$long; ln -s $long t/a/to; printf odd >"t/$(printf '\377\001name')"
            truncate -s 3000000 t/sparse; printf x >>t/sparse
            chmod 4755 t/a/numbers; chmod 1777 t/empty; touch -d '2001-02-03 04:05:06.789' t/a/nothing; touch -d '1960-01-01 00:00:00.25' t/a/$long
            (cd t && python3 -c 'import os; [os.setxattr("a/nothing", "user.x", b"value"), os.setxattr("a", "user.y", bytes(range(256)))]')
            tar cf x.tar --format=pax --xattrs -C t .
            $kaleidofs export x.tar >out.tar
            mkdir o && tar xpf out.tar --xattrs -C o
            picture() { (cd $1 && find . -printf '%p %y %#m %s %n %T@ %l\n' | sed '/^\. /d; s/ d \([0-9]*\) [0-9]* [0-9]*/ d \1/' | sort; find . -type f | sort | xargs -d '\n' sha256sum); }
            picture t >expected; picture o >got; diff expected got
            python3 -c 'import os; assert os.getxattr("o/a/nothing", "user.x") == b"value"; assert os.getxattr("o/a", "user.y") == bytes(range(256))'
            [ $(($(stat -c %s out.tar) % 10240)) = 0 ] && tar df out.tar -C t && echo same
            """);
        Assert.Equal("same\n", result.Succeeded().Text);
    }

    [Fact]
    public void A_directory_or_a_file_of_a_source_is_exported_from_there()
    {
        CommandResult result = Play("""
            mkdir -p t/a/b && echo one >t/a/b/one && echo two >t/a/two && tar cf x.tar -C t .
            $kaleidofs export x.tar a | tar t
            $kaleidofs export x.tar a/b/one | tar xO
            $kaleidofs export x.tar nowhere 2>&1 >/dev/null || echo "exit $?"
            $kaleidofs export null: -o size=100G,entries=0 | head -c 1000 | wc -c
            """);
        Assert.Equal("b/\nb/one\ntwo\none\nkaleidofs: cannot export: nowhere: No such file or directory\nexit 1\n1000\n", result.Text);
    }

    [Fact]
    public void What_cannot_be_read_is_told_and_the_rest_is_whole()
    {
        CommandResult result = Play("""
            seq 1 100000 >first; seq 1 9 >second; python3 - <<'EOF'
            import zipfile
            with zipfile.ZipFile("x.zip", "w", zipfile.ZIP_DEFLATED) as z: z.write("first"); z.write("second")
            data = bytearray(open("x.zip", "rb").read())
            data[5000:5100] = bytes(100)
            open("x.zip", "wb").write(data)
            EOF
            $kaleidofs export x.zip 2>err >out.tar && exit 9
            grep -c '^kaleidofs: cannot export: first: ' err; tar xf out.tar -C . second --to-stdout | tail -n 1; tar tf out.tar
            """);
        Assert.Equal("1\n9\nfirst\nsecond\n", result.Text);
    }
}
