using Kaleidofs.Engine;
using Kaleidofs.Host.VhostUser;
using Kaleidofs.Tests.Support;
using Kaleidofs.Tests.Support.VhostUser;

namespace Kaleidofs.Tests.Unit.VhostUser;

/// <summary>A real server on a real socket, in this process, over any filesystem.</summary>
internal sealed class ServedDevice : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly CancellationTokenSource _stop = new();

    public ServedDevice(FileSystem fileSystem, VhostUserDeviceOptions? options = null)
    {
        Path = _folder.At("s");
        Session = new FuseSession(fileSystem, new FuseSessionOptions { DefaultPermissions = true }, Log);
        Running = new VhostUserServer(VhostUserListener.Bind(Path), Session, options ?? new VhostUserDeviceOptions(), Log).RunAsync(_stop.Token);
    }

    public string Path { get; }

    public FuseSession Session { get; }

    public CollectedLog Log { get; } = new();

    public Task Running { get; }

    public FrontEnd Connect() => FrontEnd.Connect(Path);

    /// <summary>A front end that may ask for acknowledgements, and has said nothing else.</summary>
    public FrontEnd ConnectNegotiated()
    {
        FrontEnd frontEnd = Connect();
        frontEnd.Send(VhostUserRequest.SetProtocolFeatures, (ulong)(ProtocolFeatures.MultipleQueues | ProtocolFeatures.ReplyAcknowledge | ProtocolFeatures.ConfigureMemorySlots));
        return frontEnd;
    }

    /// <summary>A guest comes, is served, and goes.</summary>
    public void AssertServes()
    {
        using ConnectedGuest guest = new(Path, new FrontEndOptions { QueueSize = 16 });
        Assert.Equal(Errno.None, guest.Client.GetAttributes(FileSystem.RootInode).Errno);
    }

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Running.WaitAsync(TimeSpan.FromSeconds(30));
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _folder.Dispose();
        _stop.Dispose();
    }
}
