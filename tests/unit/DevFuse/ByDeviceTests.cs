using Kaleidofs.Host.DevFuse.Uring;
using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Unit.DevFuse;

/// <summary>Requests come by read(2) and go by write(2).</summary>
public sealed class ByDeviceTests() : MountedServerTests(IoUringMode.Off)
{
    protected override string? Missing => HostProcess.MountMissing;

    [SkippableFact]
    public void Each_thread_has_a_descriptor_of_its_own()
    {
        MountedServer mounted = Mount(new WaitingFileSystem(), threads: 5);
        Assert.Equal(5, mounted.Server.ThreadCount);
        Assert.Equal(5, Directory.GetFiles("/proc/self/fd").Count(path => new FileInfo(path).LinkTarget == "/dev/fuse"));
    }
}
