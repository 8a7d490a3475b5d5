using System.Globalization;
using Kaleidofs.Tests.Vm.Archives;

namespace Kaleidofs.Tests.Vm.Guests;

/// <summary>A guest changes a share that has an overlay, as it would change any other filesystem.</summary>
public sealed class WritingInGuestTests
{
    private const string Work = """
        set -e
        cd "$1"
        echo more >>package/package.json
        mkdir -p new/deep && cp -a package new/copy && rm -r new/copy/Api && mv new/copy/Caching new/deep/moved
        ln package/package.json new/twin && ln -s ../package new/link && mkfifo new/pipe
        dd if=/dev/zero of=new/sparse bs=1 count=1 seek=3000000 2>/dev/null
        printf changed | dd of=new/sparse bs=1 seek=1000 conv=notrunc 2>/dev/null
        chmod 4750 new/sparse && touch -d '2001-02-03 04:05:06' new/deep
        sed -i s/name/title/ new/twin
        """;

    private const string Picture = """
        cd "$1"
        find . -type f | sort | tr '\n' '\0' | xargs -0 sha256sum
        find . | sort | xargs stat -c '%n %F %a %h' | grep -v ' directory ' && stat -c %Y new/deep
        """;

    [SkippableFact]
    public void What_a_guest_has_written_and_synced_is_there_after_the_host_was_killed()
    {
        Skip.If(GuestSupport.Missing is not null, GuestSupport.Missing);
        RealArchive archive = RealArchives.Get("package.tgz");
        using TemporaryFolder folder = new();
        string expected = Shell.RunBusybox($"cp -a \"$1\" \"$2\" && set -- \"$2\" && ({Work}\n) && ({Picture}\n)", archive.Tree, folder.At("tree")).Succeeded().Text;
        string[] overlay = ["-o", "overlay=" + folder.At("upper")];
        string Play(string script) => script.Replace("\"$1\"", "/mnt/share", StringComparison.Ordinal);
        using (HostProcess host = HostProcess.Serve(archive.Path, overlay))
        using (Guest guest = Guest.Boot(new GuestOptions { Shares = [new GuestShare("share", host.Place)] }))
        {
            guest.Run(Play(Work)).Succeeded();
            Assert.Equal(expected, guest.Run(Play(Picture)).Succeeded().Text);
            guest.Run("sync").Succeeded();
            Assert.Matches("(?i)syncfs", Shell.Run("\"$1\" status --json --pid \"$2\"", Repository.At("kaleidofs"), host.Id.ToString(CultureInfo.InvariantCulture)).Succeeded().Text);
            Shell.Run("kill -9 \"$1\"", host.Id.ToString(CultureInfo.InvariantCulture)).Succeeded();
            guest.Kill();
        }
        using HostProcess again = HostProcess.Serve(archive.Path, overlay);
        using Guest second = Guest.Boot(new GuestOptions { Shares = [new GuestShare("share", again.Place)] });
        Assert.Equal(expected, second.Run(Play(Picture)).Succeeded().Text);
        second.PowerOff();
        Assert.Equal(0, again.Stop());
    }
}
