namespace Kaleidofs.Tests.Vm.Guests;

/// <summary>What the other tests stand on: a guest boots, runs scripts, reboots and powers off.</summary>
public sealed class GuestTests
{
    [SkippableFact]
    public void A_guest_runs_scripts_reboots_and_powers_off()
    {
        Skip.If(GuestSupport.Missing is not null, GuestSupport.Missing);
        using Guest guest = Guest.Boot(new GuestOptions { Cpus = 2 });

        Assert.Equal("2\n", guest.Run("nproc").Text);
        CommandResult failed = guest.Run("printf 'a\\0\\377'; echo why >&2; exit 3");
        Assert.Equal(3, failed.Status);
        Assert.Equal("a\0\u00FF"u8.Length - 1, failed.Output.Length);
        Assert.Equal("why\n", failed.Error);
        string before = guest.Run("cat /proc/sys/kernel/random/boot_id").Text;
        guest.Reboot();
        Assert.NotEqual(before, guest.Run("cat /proc/sys/kernel/random/boot_id").Text);
        guest.PowerOff();
    }
}
