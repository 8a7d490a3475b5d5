namespace Kaleidofs.Tests.Vm.Posix;

/// <summary>The table of POSIX read cases, on this machine: through /dev/fuse, and over io_uring.</summary>
public sealed class PosixOnThisMachineTests(PosixByDevice byDevice, PosixOverIoUring overIoUring) : IClassFixture<PosixByDevice>, IClassFixture<PosixOverIoUring>
{
    [SkippableTheory]
    [MemberData(nameof(PosixReport.Names), MemberType = typeof(PosixReport))]
    public void A_mount_on_this_machine_keeps(string promise)
    {
        Skip.If(HostProcess.MountMissing is not null, HostProcess.MountMissing);
        byDevice.Report.Expect(promise);
    }

    [SkippableTheory]
    [MemberData(nameof(PosixReport.Names), MemberType = typeof(PosixReport))]
    public void A_mount_over_io_uring_keeps(string promise)
    {
        Skip.If(overIoUring.Missing is not null, overIoUring.Missing);
        overIoUring.Report.Expect(promise);
    }
}
