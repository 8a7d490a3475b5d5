using System.Globalization;
using Kaleidofs.Diagnostics;
using Kaleidofs.Engine;
using Kaleidofs.Host.DevFuse.Uring;
using Kaleidofs.Host.Linux;

namespace Kaleidofs.Host.DevFuse;

/// <summary>
/// One share on this machine: the mount, and the threads that serve it. Requests come over io_uring where the kernel
/// has that, and otherwise by /dev/fuse; FORGET and INTERRUPT come by /dev/fuse in any case.
/// </summary>
internal sealed class DevFuseServer : IAsyncDisposable
{
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan DetachTime = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan RegisterTime = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan TryOutTime = TimeSpan.FromSeconds(10);

    private readonly FuseSession _session;
    private readonly DriverLog _log;
    private readonly FuseMountOptions _options;
    private readonly FuseMount _mount;
    private readonly DevFuseChannel _first;
    private readonly List<FuseThread> _threads = [];
    private UringWorker[] _workers = [];

    private DevFuseServer(FileSystem fileSystem, string mountpoint, FuseMountOptions options, bool overIoUring, DriverLog log)
    {
        _log = log;
        _options = options;
        _session = new FuseSession(fileSystem, new FuseSessionOptions { MaxPayload = options.MaxPayload, DefaultPermissions = true, OverIoUring = overIoUring, Trace = options.Trace }, log);
        _mount = FuseMount.Create(mountpoint, options);
        _first = AddChannel(_mount.Device);
        // INIT waits in the device since the mount; what it settles decides how to go on.
        _first.ServeOne();
        _mount.RaiseReadAhead(options.MaxPayload);
    }

    /// <summary>Where it is mounted.</summary>
    public string Mountpoint => _mount.Mountpoint;

    /// <summary>Nothing is served any more: somebody unmounted it, or it was stopped.</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    /// <summary>What is counted of its requests.</summary>
    public SessionCounters Counters => _session.Counters;

    /// <summary>How many threads take requests.</summary>
    public int ThreadCount => _workers.Length > 0 ? _workers.Length : _threads.Count;

    /// <summary>Whether requests come over io_uring.</summary>
    public bool IsOverIoUring => _workers.Length > 0;

    /// <summary>How requests come, in words for the log.</summary>
    public string Transport { get; private set; } = "";

    /// <summary>The default of <c>-o threads</c>.</summary>
    public static int DefaultThreads => Math.Min(Environment.ProcessorCount, 4);

    /// <summary>Mounts, and serves until somebody unmounts.</summary>
    /// <exception cref="SourceException">It cannot be mounted.</exception>
    public static DevFuseServer Start(FileSystem fileSystem, string mountpoint, FuseMountOptions options, DriverLog log)
    {
        string? reason = "not wanted";
        if (options.IoUring != IoUringMode.Off)
        {
            using UringSetup? setup = UringSetup.TryCreate(options.Threads, out reason);
            if (setup is not null)
            {
                DevFuseServer server = new(fileSystem, mountpoint, options, overIoUring: true, log);
                reason = server.TryServeOverIoUring(setup);
                if (reason is null)
                {
                    return server;
                }
                // Nobody was answered yet, and nobody could be: the kernel waits for queues that do not come.
                server.Abandon();
            }
            if (options.IoUring == IoUringMode.On)
            {
                throw new SourceException($"cannot mount on {mountpoint}: io_uring=on, but {reason}");
            }
        }
        DevFuseServer plain = new(fileSystem, mountpoint, options, overIoUring: false, log);
        plain.ServeByDevice(reason!);
        return plain;
    }

    /// <summary>Unmounts and answers what is in flight. A mount that is in use is detached, with a word in the log.</summary>
    public async Task StopAsync()
    {
        TimeSpan patience = DrainTime;
        if (!Ended.IsCompleted && !_mount.TryUnmount() && _mount.IsMounted)
        {
            _log.Warning($"{Mountpoint} is in use: detaching it; its users get errors from now on");
            await DrainAsync().ConfigureAwait(false);
            patience = DetachTime;
            if (!_mount.Detach())
            {
                _log.Error($"cannot unmount {Mountpoint}; remove it with: umount -l {Mountpoint}");
            }
        }
        // Without root a detached mount ends with its last user: the threads are left behind, and end with the process.
        await Task.WhenAny(Ended, Task.Delay(patience)).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        if (!Ended.IsCompleted)
        {
            return;
        }
        _session.Reset();
        // The buffers of a request that never completes are left to the process's end: its source may still write to them.
        if (await DrainAsync().ConfigureAwait(false))
        {
            _threads.ForEach(thread => thread.Dispose());
        }
        // An aborted connection ends the threads and leaves a dead mount.
        if (_mount.IsMounted)
        {
            _mount.Detach();
        }
    }

    /// <summary>Starts all that there is.</summary>
    /// <returns>Why it does not work; null if it does.</returns>
    private string? TryServeOverIoUring(UringSetup setup)
    {
        if (_session.State is not { } state || (state.Flags & Protocol.InitFlags.OverIoUring) == 0)
        {
            return "the kernel does not offer it";
        }
        _workers = setup.CreateWorkers(_session, _mount.Device, state.MaxPayload, _log);
        _threads.AddRange(_workers);
        _threads.ForEach(thread => thread.Start());
        Ended = Task.WhenAll(_threads.Select(thread => thread.Ended));
        // The device tells when the connection ends; the rings only give back what the kernel had.
        _ = _first.Ended.ContinueWith(_ => Array.ForEach(_workers, worker => worker.Stop()), TaskScheduler.Default);
        foreach (UringWorker worker in _workers)
        {
            // Callers on the CPUs of a thread that failed would wait for ever: better no mount.
            _ = worker.Ended.ContinueWith(_ => _mount.Detach(), CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        }
        Task<string?[]> registered = Task.WhenAll(_workers.Select(worker => worker.Registered));
        if (!registered.Wait(RegisterTime))
        {
            return "its threads do not start";
        }
        Transport = Invariant($"over io_uring, {ThreadCount} threads");
        return Array.Find(registered.Result, refusal => refusal is not null) ?? TryOut();
    }

    /// <summary>
    /// Sends one request through: were a queue missing that the kernel waits for, nothing on this mount would ever be
    /// answered, and no error would say so.
    /// </summary>
    private string? TryOut()
    {
        Func<bool> isAnswered = _mount.AskForStatistics();
        long deadline = Environment.TickCount64 + (long)TryOutTime.TotalMilliseconds;
        // The source may take its time to answer; that it was asked is enough.
        while (!isAnswered() && _workers.All(worker => worker.InFlight == 0))
        {
            Thread.Sleep(1);
            if (Environment.TickCount64 > deadline)
            {
                return "the kernel sends no requests";
            }
        }
        return null;
    }

    private void ServeByDevice(string reason)
    {
        while (_threads.Count < _options.Threads)
        {
            AddChannel(Libc.CloneFuse(_mount.Device));
        }
        _threads.ForEach(thread => thread.Start());
        Ended = Task.WhenAll(_threads.Select(thread => thread.Ended));
        Transport = Invariant($"by /dev/fuse, {ThreadCount} threads (io_uring: {reason})");
    }

    /// <summary>Takes away a mount that nobody was served on.</summary>
    private void Abandon()
    {
        _mount.Detach();
        if (_workers.Length == 0)
        {
            _first.Dispose();
            return;
        }
        // Not waited for: a thread that does not end is why we are here.
        _ = Ended.ContinueWith(_ => _threads.ForEach(thread => thread.Dispose()), TaskScheduler.Default);
    }

    private DevFuseChannel AddChannel(FileDescriptor device)
    {
        DevFuseChannel channel = new(_session, _threads, device, _options.MaxPayload, _threads.Count, _log);
        _threads.Add(channel);
        return channel;
    }

    private async Task<bool> DrainAsync()
    {
        long deadline = Environment.TickCount64 + (long)DrainTime.TotalMilliseconds;
        while (_threads.Any(thread => thread.InFlight > 0))
        {
            if (Environment.TickCount64 > deadline)
            {
                return false;
            }
            await Task.Delay(10).ConfigureAwait(false);
        }
        return true;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
