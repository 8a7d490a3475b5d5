namespace Kaleidofs.Tests.Vm.Posix;

/// <summary>The table, run once through /dev/fuse.</summary>
public sealed class PosixByDevice
{
    private readonly Lazy<PosixReport> _report = new(() => PosixMount.Run("off"));

    public PosixReport Report => _report.Value;
}
