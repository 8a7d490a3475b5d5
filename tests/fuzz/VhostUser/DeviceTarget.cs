using Kaleidofs.Engine;
using Kaleidofs.Host.VhostUser;
using Kaleidofs.Tests.Fuzz.Fuse;
using Kaleidofs.Tests.Support.Memory;
using Kaleidofs.Tests.Support.VhostUser;

namespace Kaleidofs.Tests.Fuzz.VhostUser;

/// <summary>
/// The whole device, in this process, over its socket: hostile front ends one after another, and well-behaved
/// ones between them. The device's threads are real, so a seed brings back what was done to it, not how it was interleaved.
/// </summary>
internal sealed class DeviceTarget : FuzzTarget
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly RecordingLog _log = new();
    private readonly WatchedFileSystem _fileSystem;
    private readonly string _path;
    private readonly Task _server;
    private readonly ProcessHoldings _before;
    private int _late;

    public DeviceTarget()
    {
        _fileSystem = new WatchedFileSystem(new FileSystemInfo { IsReadOnly = false }) { Gate = Wait, IsConcurrent = true };
        _path = _folder.At("s");
        _before = ProcessHoldings.Of("self");
        FuseSession session = new(SessionTarget.Decorate(_fileSystem, new Xorshift(4)), new FuseSessionOptions { MaxHandles = 100 }, _log);
        VhostUserDeviceOptions options = new() { Name = "fuzzed", RequestQueues = 3, Tag = "fuzz", InOrder = true };
        _server = new VhostUserServer(VhostUserListener.Bind(_path), session, options, _log).RunAsync(_stop.Token);
    }

    public override string Name => "device";

    public override int Run(Xorshift random)
    {
        int cases;
        using (HostileFrontEnd hostile = new(_path, random))
        {
            cases = hostile.Run();
        }
        if (random.OneIn(8))
        {
            using ConnectedGuest guest = new(_path, new FrontEndOptions { QueueSize = 16 });
            (Errno errno, _) = guest.Client.GetAttributes(FileSystem.RootInode);
            if (errno != Errno.None)
            {
                throw new FuzzException($"a well-behaved guest is answered {errno}");
            }
        }
        CheckLogs();
        return cases;
    }

    public override void Finish()
    {
        _stop.Cancel();
        if (!_server.Wait(Patience))
        {
            throw new FuzzException("the server does not stop");
        }
        Await(() => _fileSystem.OpenHandles == 0, () => $"{_fileSystem.OpenHandles} handles were never released");
        Await(() => ProcessHoldings.Of("self").IsWithin(_before), () => $"{_before} became {ProcessHoldings.Of("self")}");
        CheckLogs();
    }

    public override void Dispose()
    {
        _stop.Cancel();
        _server.Wait(Patience);
        _stop.Dispose();
        _folder.Dispose();
    }

    private static void Await(Func<bool> condition, Func<string> otherwise)
    {
        if (!SpinWait.SpinUntil(condition, Patience))
        {
            throw new FuzzException(otherwise());
        }
    }

    private void CheckLogs()
    {
        if (_fileSystem.Faults.Count > 0)
        {
            throw new FuzzException($"the contract was broken: {string.Join("; ", _fileSystem.Faults)}");
        }
        if (_log.Take().FirstOrDefault(line => line.Contains(" failed: ", StringComparison.Ordinal) && !line.Contains(WatchedFileSystem.Injected, StringComparison.Ordinal)) is { } failure)
        {
            throw new FuzzException($"an exception: {failure}");
        }
    }

    /// <summary>Answers at once, soon, or when cancelled; fails now and then. The well-behaved guest's process 1 is always answered.</summary>
    private Task? Wait(RequestContext context)
    {
        if (context.ProcessId == 1)
        {
            return null;
        }
        int turn = Interlocked.Increment(ref _late);
        return (turn % 101, turn % 7) switch
        {
            (0, _) => throw new InvalidOperationException(WatchedFileSystem.Injected),
            (1, _) when context.CancellationToken.CanBeCanceled => Task.Delay(Timeout.Infinite, context.CancellationToken),
            (_, 0) => Task.Run(static () => { }),
            (_, 1) => Task.Delay(1),
            _ => null,
        };
    }
}
