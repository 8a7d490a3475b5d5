using Kaleidofs.Host.DevFuse;
using Kaleidofs.Host.DevFuse.Uring;
using Kaleidofs.Tests.Support;
using Kaleidofs.Tests.Unit.VhostUser;

namespace Kaleidofs.Tests.Unit.DevFuse;

/// <summary>A filesystem mounted for real by the server in this process.</summary>
internal sealed class MountedServer : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();

    public MountedServer(FileSystem fileSystem, IoUringMode mode, int threads, bool isReadOnly = true)
    {
        Mountpoint = Directory.CreateDirectory(_folder.At("m")).FullName;
        FuseMountOptions options = new() { Source = "test:", Threads = threads, IoUring = mode, IsReadOnly = isReadOnly };
        Server = DevFuseServer.Start(fileSystem, Mountpoint, options, Log);
    }

    public DevFuseServer Server { get; }

    public CollectedLog Log { get; } = new();

    public string Mountpoint { get; }

    public string At(string name) => Path.Combine(Mountpoint, name);

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _folder.Dispose();
    }
}
