using Kaleidofs.Tests.Vm.Archives;

namespace Kaleidofs.Tests.Vm.Guests;

/// <summary>Machines come, crash and go; the host process stays until it is told to end.</summary>
public sealed class LifetimeTests
{
    private const string Digest = "cd /mnt/share && find . -type f | sort | tr '\\n' '\\0' | xargs -0 sha256sum | sha256sum";

    private static string Expected => Shell.RunBusybox(
        "cd \"$1\" && find . -type f | sort | tr '\\n' '\\0' | xargs -0 sha256sum | sha256sum", RealArchives.Get("package.tgz").Tree).Succeeded().Text;

    [SkippableFact]
    public void A_share_outlives_the_reboot_and_the_crash_of_its_machine()
    {
        Skip.If(GuestSupport.Missing is not null, GuestSupport.Missing);
        using HostProcess host = HostProcess.Serve(RealArchives.Get("package.tgz").Path);
        var options = new GuestOptions { Shares = [new GuestShare("share", host.Place)] };
        using (Guest first = Guest.Boot(options))
        {
            Assert.Equal(Expected, first.Run(Digest).Succeeded().Text);
            first.Reboot();
            Assert.Equal(Expected, first.Run(Digest).Succeeded().Text);
            first.Kill();
        }
        using Guest second = Guest.Boot(options);
        Assert.Equal(Expected, second.Run(Digest).Succeeded().Text);
        second.PowerOff();
        Assert.Equal(0, host.Stop());
    }

    [SkippableFact]
    public void A_machine_killed_at_any_moment_leaves_the_share_to_the_next()
    {
        Skip.If(GuestSupport.Missing is not null, GuestSupport.Missing);
        using HostProcess host = HostProcess.Serve(RealArchives.Get("package.tgz").Path, "--queues", "2");
        var options = new GuestOptions { Shares = [new GuestShare("share", host.Place, Queues: 2)], Cpus = 2 };
        // From the first message of its QEMU to a kernel that looks for its devices.
        for (double seconds = 0.2; seconds < 6; seconds *= 1.6)
            Guest.BootAndKill(options, TimeSpan.FromSeconds(seconds));
        for (int round = 0; round < 3; round++)
        {
            using Guest guest = Guest.Boot(options);
            guest.Run("(while :; do echo 3 >/proc/sys/vm/drop_caches; find /mnt/share -type f | xargs cat; done) >/dev/null 2>&1 &").Succeeded();
            Thread.Sleep(300 * round);
            Assert.NotEqual(0, HeldFor(host));
            guest.Kill();
            Assert.True(SpinWait.SpinUntil(() => HeldFor(host) == 0, TimeSpan.FromSeconds(60)), $"{HeldFor(host)} descriptors and mappings are still held for it");
        }
        using Guest last = Guest.Boot(options);
        Assert.Equal(Expected, last.Run(Digest).Succeeded().Text);
        last.PowerOff();
        Assert.Equal(0, host.Stop());
    }

    [SkippableTheory]
    [InlineData(",packed=on")]
    [InlineData(",packed=on,event_idx=off")]
    public void A_machine_with_packed_rings_reads_the_same(string properties)
    {
        Skip.If(GuestSupport.Missing is not null, GuestSupport.Missing);
        using HostProcess host = HostProcess.Serve(RealArchives.Get("package.tgz").Path);
        using Guest guest = Guest.Boot(new GuestOptions { Shares = [new GuestShare("share", host.Place, Queues: 2, properties)], Cpus = 2 });
        // Feature bit 34 (VIRTIO_F_RING_PACKED) of the filesystem's device, as the guest negotiated it.
        Assert.Equal("1\n", guest.Run("cut -c 35 $(dirname $(grep -l 0x001a /sys/bus/virtio/devices/*/device))/features").Succeeded().Text);
        Assert.Equal(Expected, guest.Run(Digest).Succeeded().Text);
        guest.Reboot();
        Assert.Equal(Expected, guest.Run(Digest).Succeeded().Text);
        guest.PowerOff();
        Assert.Equal(0, host.Stop());
    }

    [SkippableFact]
    public void Ending_under_a_mounted_guest_is_clean_and_leaves_the_guest_alive()
    {
        Skip.If(GuestSupport.Missing is not null, GuestSupport.Missing);
        using HostProcess host = HostProcess.Serve(RealArchives.Get("package.tgz").Path);
        using Guest guest = Guest.Boot(new GuestOptions { Shares = [new GuestShare("share", host.Place)], Cpus = 2 });
        // A reader at work, when the end comes.
        guest.Run("(while :; do cat /mnt/share/package/package.json; done) >/dev/null 2>&1 &").Succeeded();
        Assert.Equal(0, host.Stop());
        Assert.Equal("alive\n", guest.Run("echo alive").Text);
        guest.Kill();
    }

    [SkippableFact]
    public void Two_processors_read_over_two_queues_at_once()
    {
        Skip.If(GuestSupport.Missing is not null, GuestSupport.Missing);
        RealArchive archive = RealArchives.Get("package.tgz");
        using HostProcess host = HostProcess.Serve(archive.Path, "--queues", "2");
        using Guest guest = Guest.Boot(new GuestOptions { Shares = [new GuestShare("share", host.Place, Queues: 2)], Cpus = 2 });
        string one = $"taskset -c 0 sh -c \"{Digest}\" >/tmp/0 & taskset -c 1 sh -c \"{Digest}\" >/tmp/1 & wait; cat /tmp/0 /tmp/1";
        for (int round = 0; round < 3; round++)
            Assert.Equal(Expected + Expected, guest.Run("echo 3 >/proc/sys/vm/drop_caches; " + one).Succeeded().Text);
        // Both queues raised interrupts: the guest did spread its requests.
        string interrupts = guest.Run("grep -E 'virtio.*requests' /proc/interrupts | awk '$2 + $3 > 0' | wc -l").Text.Trim();
        Assert.Equal("2", interrupts);
        guest.PowerOff();
        Assert.Equal(0, host.Stop());
    }

    /// <summary>Guest memory that the host has open or mapped.</summary>
    private static int HeldFor(HostProcess host)
        => int.Parse(Shell.Run("{ ls -l /proc/$1/fd; cat /proc/$1/maps; } | grep -c 'memfd:memory' || true", $"{host.Id}").Succeeded().Text, System.Globalization.CultureInfo.InvariantCulture);
}
