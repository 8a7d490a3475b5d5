using Kaleidofs.Tests.Posix;

namespace Kaleidofs.Tests.Vm.Posix;

/// <summary>The table, run once on this machine.</summary>
internal static class PosixMount
{
    public static PosixReport Run(string ioUring)
    {
        using var folder = new TemporaryFolder();
        using (FileStream archive = File.Create(folder.At("posix.tar")))
            PosixFixture.Write(archive);
        using HostProcess mount = HostProcess.Mount(folder.At("posix.tar"), "-o", $"io_uring={ioUring}");
        return new PosixReport(Shell.Run("ulimit -n 4096; timeout 300 dotnet exec \"$1\" run \"$2\"", typeof(PosixCases).Assembly.Location, mount.Place));
    }
}
