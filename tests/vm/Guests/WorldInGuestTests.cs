namespace Kaleidofs.Tests.Vm.Guests;

/// <summary>A world that is written while a guest looks at it.</summary>
public sealed class WorldInGuestTests
{
    private const string Look = "cd /mnt/world && ls -lR . | head -200 | awk '{ print $1, $5, $NF }' && tar cf - . | tar t | sort && find . -type f | sort | tr '\\n' '\\0' | xargs -0 sha256sum";

    [SkippableFact]
    public void It_is_the_same_at_every_look_and_after_a_restart_of_the_host()
    {
        Skip.If(GuestSupport.Missing is not null, GuestSupport.Missing);
        using TemporaryFolder state = new();
        string[] options = ["-o", "depth=2", "-o", "worlds=" + state.Path];
        string first;
        using (HostProcess host = HostProcess.Serve("llm:a 1998 university FTP server", options))
        using (Guest guest = Guest.Boot(new GuestOptions { Shares = [new GuestShare("world", host.Place)] }))
        {
            first = guest.Run(Look).Succeeded().Text;
            Assert.True(first.Count(character => character == '\n') > 20, first);
            Assert.Equal(first, guest.Run(Look).Succeeded().Text);
            Shell.Run("kill -9 \"$1\"", host.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)).Succeeded();
            guest.Kill();
        }
        using HostProcess again = HostProcess.Serve("llm:a 1998 university FTP server", [.. options, "-o", "frozen"]);
        using Guest second = Guest.Boot(new GuestOptions { Shares = [new GuestShare("world", again.Place)] });
        Assert.Equal(first, second.Run(Look).Succeeded().Text);
        second.PowerOff();
        Assert.Equal(0, again.Stop());
    }
}
