using System.Globalization;
using Kaleidofs.Diagnostics;
using Kaleidofs.Engine;
using Kaleidofs.Host.DevFuse;
using Kaleidofs.Host.Monitoring;
using Kaleidofs.Host.VhostUser;

namespace Kaleidofs.Host.Serving;

/// <summary>One share's life: source, transforms, session, transport; ended in the opposite order.</summary>
internal sealed class Share : IAsyncDisposable
{
    private readonly Lazy<Task> _end;

    private Share(ShareProbe probe, FileSystem fileSystem, Task ended, Func<Task> stopTransport)
    {
        Probe = probe;
        Ended = ended;
        // Once, whoever asks first: the process that stops, or the share's own end.
        _end = new Lazy<Task>(async () =>
        {
            await stopTransport().ConfigureAwait(false);
            await fileSystem.DisposeAsync().ConfigureAwait(false);
        });
    }

    public string Name => Probe.Name;

    /// <summary>How it can be looked at.</summary>
    public ShareProbe Probe { get; }

    /// <summary>The transport serves nobody any more: unmounted, or failed.</summary>
    public Task Ended { get; }

    /// <summary>Opens the source and begins to serve it.</summary>
    /// <exception cref="SourceException">The source cannot be opened, or nothing can be mounted or listened on.</exception>
    public static async Task<Share> StartAsync(ShareSettings settings, HostServices services, CancellationToken cancellationToken)
    {
        ShareLog log = new(services.Logs.CreateLogger(settings.Name));
        OperationTrace? trace = settings.IsTraced ? new OperationTrace(settings.Name, services.Trace.Value) : null;
        FileSystem fileSystem = await ShareFileSystem.OpenAsync(settings, services.Drivers, services.Cache, log, new OpeningProgress(log), cancellationToken).ConfigureAwait(false);
        try
        {
            return settings.Mountpoint is { } mountpoint
                ? Mount(settings, mountpoint, fileSystem, services.Sandbox.MountBroker, trace, log)
                : Listen(settings, fileSystem, trace, log);
        }
        catch
        {
            await fileSystem.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Drains, unmounts and closes.</summary>
    public ValueTask DisposeAsync() => new(_end.Value);

    private static Share Mount(ShareSettings settings, string mountpoint, FileSystem fileSystem, MountBroker? broker, OperationTrace? trace, DriverLog log)
    {
        HostOptions options = HostOptions.Split(settings.Options);
        FuseMountOptions mount = new()
        {
            Source = settings.Source,
            IsReadOnly = fileSystem.Info.IsReadOnly,
            AllowOther = options.AllowOther,
            Threads = options.Threads ?? DevFuseServer.DefaultThreads,
            IoUring = options.IoUring,
            Trace = trace,
            Broker = broker,
        };
        DevFuseServer server = DevFuseServer.Start(fileSystem, mountpoint, mount, log);
        log.Information($"mounted {settings.Source} on {server.Mountpoint}, {server.Transport}");
        ShareProbe probe = new(settings.Name, settings.Source, "fuse", server.Mountpoint, server.Counters, () => Describe("mounted " + server.Transport, fileSystem));
        return new Share(probe, fileSystem, server.Ended, () => server.DisposeAsync().AsTask());
    }

    private static string Describe(string state, FileSystem fileSystem) => fileSystem.Completion switch
    {
        { IsCompletedSuccessfully: true } => fileSystem.Remark is { Length: > 0 } remark ? $"{state}; {remark}" : state,
        { IsCompleted: true } => state + "; its source is damaged, and nothing of it is served",
        _ => string.Create(CultureInfo.InvariantCulture, $"{state}; {fileSystem.Progress * 100:0} % of its source is known"),
    };

    private static Share Listen(ShareSettings settings, FileSystem fileSystem, OperationTrace? trace, DriverLog log)
    {
        HostOptions options = HostOptions.Split(settings.Options);
        // virtio-fs guests always check modes themselves.
        FuseSession session = new(fileSystem, new FuseSessionOptions { DefaultPermissions = true, Trace = trace }, log);
        VhostUserDeviceOptions device = new() { Name = settings.Name, Tag = settings.Tag };
        device = device with
        {
            RequestQueues = settings.Queues ?? device.RequestQueues,
            PollMicroseconds = options.PollMicroseconds ?? device.PollMicroseconds,
            InOrder = options.OffersInOrder,
        };
        VhostUserListener listener;
        try
        {
            listener = settings.SocketDescriptor is { } descriptor
                ? VhostUserListener.Inherit(descriptor)
                : VhostUserListener.Bind(settings.SocketPath!, settings.SocketGroup);
        }
        catch (IOException exception)
        {
            throw new SourceException($"cannot serve {settings.Source}: {exception.Message}", exception);
        }
        CancellationTokenSource stop = new();
        VhostUserServer server = new(listener, session, device, log);
        Task ended = server.RunAsync(stop.Token);
        string place = listener.Path ?? $"descriptor {settings.SocketDescriptor}";
        log.Information($"serving {settings.Source} on {place}");
        ShareProbe probe = new(settings.Name, settings.Source, "vhost-user", place, session.Counters, () => Describe(server.Peer switch
        {
            null => "waiting for a virtual machine",
            0 => "connected",
            int process => $"connected to process {process}",
        }, fileSystem));
        return new Share(probe, fileSystem, ended, async () =>
        {
            await stop.CancelAsync().ConfigureAwait(false);
            // A failure is reported where the share's end is watched.
            await ended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            stop.Dispose();
        });
    }
}
