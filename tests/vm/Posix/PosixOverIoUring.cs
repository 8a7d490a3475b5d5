namespace Kaleidofs.Tests.Vm.Posix;

/// <summary>The table, run once over io_uring.</summary>
public sealed class PosixOverIoUring : IDisposable
{
    private readonly FuseOverIoUring _kernel = new();
    private readonly Lazy<PosixReport> _report = new(() => PosixMount.Run("on"));

    /// <summary>Why it cannot be tested here, or null.</summary>
    public string? Missing => _kernel.Missing;

    public PosixReport Report => _report.Value;

    public void Dispose() => _kernel.Dispose();
}
