namespace Kaleidofs.Tests.Servers.Smb;

/// <summary>The real program, confined as ever, with a share mounted on this machine.</summary>
public sealed class MountTests
{
    [SkippableFact]
    public void The_usual_tools_find_a_filesystem()
    {
        Skip.If(HostProcess.MountMissing is not null, HostProcess.MountMissing);
        using SambaServer samba = SambaShares.Start();
        using TemporaryFolder folder = new();
        string secret = folder.Write("password", SambaServer.Password + "\n");
        using HostProcess host = HostProcess.Mount(samba.Source, "-o", $"user={samba.User},password-file={secret}");
        Shell.Run("""
            set -e
            cd "$1"
            cp -r "$2" copy
            diff -r "$2" copy
            diff -r "$2" "$4/copy"
            tar cf - copy | tar xf - -C "$3"
            diff -r "$2" "$3/copy"
            mkdir new
            tar cf - --no-same-owner copy | tar xf - -C new --no-same-owner
            diff -r copy new/copy
            test "$(grep -r 'sealed class' copy | wc -l)" = "$(grep -r 'sealed class' "$2" | wc -l)"
            echo one >new/save~ && mv new/save~ new/save && echo two >>new/save
            test "$(cat new/save)" = "$(printf 'one\ntwo')"
            touch -d @1234567890 new/save
            test "$(stat -c '%Y %F' new/save)" = '1234567890 regular file'
            truncate -s 100000 new/save && test "$(stat -c %s "$4/new/save")" = 100000
            dd if=/dev/urandom of=new/random bs=1M count=20 conv=fsync status=none
            cmp new/random "$4/new/random"
            exec 3<new/random && rm new/random && test "$(wc -c <&3)" = 20971520 && exec 3<&-
            df . >/dev/null
            rm -r copy new
            test -z "$(ls -A)"
            """, host.Place, Repository.At("drivers/smb/Client"), folder.Path, samba.Share).Succeeded();
        Assert.DoesNotContain(SambaServer.Password, host.Log, StringComparison.Ordinal);
    }
}
