using Kaleidofs.Engine;
using Kaleidofs.Tests.Support.Memory;

namespace Kaleidofs.Tests.Fuzz.Fuse;

/// <summary>One life of a session.</summary>
internal sealed class SessionEpisode
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Xorshift _random;
    private readonly GuardedRequest[] _requests;
    private readonly WatchedFileSystem _fileSystem;
    private readonly FuseSession _session;
    private readonly RequestGenerator _generator;
    private readonly RecordingLog _log = new();
    private readonly List<TaskCompletionSource> _late = [];
    private readonly int _lateness;
    private bool _isEnding;

    /// <param name="random">The episode's numbers.</param>
    /// <param name="requests">What to dispatch, none in use.</param>
    /// <param name="served">What to serve instead of a filesystem that watches.</param>
    public SessionEpisode(Xorshift random, GuardedRequest[] requests, FileSystem? served)
    {
        _random = random;
        _requests = requests;
        _generator = new RequestGenerator(random);
        // One in so many answers is late; in some episodes none.
        _lateness = random.Of<int>([2, 10, int.MaxValue]);
        _fileSystem = new WatchedFileSystem(new FileSystemInfo { IsReadOnly = false, IsStateless = random.OneIn(4), IsImmutable = random.OneIn(4), KnowsParents = random.OneIn(2) }) { Gate = Wait };
        FuseSessionOptions options = new() { MaxHandles = random.OneIn(2) ? 8 : 1000, DefaultPermissions = random.OneIn(2) };
        _session = new FuseSession(SessionTarget.Decorate(served ?? _fileSystem, random), options, _log);
    }

    /// <summary>Requests that were dispatched.</summary>
    public int Cases { get; private set; }

    public void Run(int steps)
    {
        if (!_random.OneIn(10))
        {
            Dispatch(_generator.Initialize());
        }
        for (int i = 0; i < steps; i++)
        {
            switch (_random.Below(200))
            {
                case 0:
                    _session.Reset();
                    Dispatch(_generator.Initialize());
                    break;
                case < 60 when _late.Count > 0:
                    Answer(_random.Below(_late.Count));
                    break;
                default:
                    Dispatch(_generator.Next());
                    break;
            }
        }
        End();
    }

    private void Dispatch(ReadOnlySpan<byte> message)
    {
        GuardedRequest? request;
        while ((request = Room(message.Length)) is null)
        {
            MakeRoom(message.Length);
        }
        request.Prepare(_random, message);
        Cases++;
        _session.Dispatch(request);
        Collect();
    }

    /// <summary>Looks at what has been completed.</summary>
    private void Collect()
    {
        foreach (GuardedRequest request in _requests)
        {
            if (request.IsInUse && request.IsDone)
            {
                request.Check(out byte[] reply);
                _generator.Observe(request.Sent, reply);
            }
        }
        if (_fileSystem.Faults.Count > 0)
        {
            throw new FuzzException($"the contract was broken: {string.Join("; ", _fileSystem.Faults)}");
        }
        if (_log.Lines.FirstOrDefault(line => line.Contains(" failed: ", StringComparison.Ordinal) && !line.Contains(WatchedFileSystem.Injected, StringComparison.Ordinal)) is { } failure)
        {
            throw new FuzzException($"an exception: {failure}");
        }
    }

    /// <summary>A request that is not in use and surely has room for so many bytes.</summary>
    private GuardedRequest? Room(int length) => Array.Find(_requests, request => !request.IsInUse && request.Capacity >= length);

    private void MakeRoom(int length)
    {
        if (_late.Count > 0)
        {
            Answer(0);
            return;
        }
        // All that is left waits to be cancelled; it completes on threads of the pool.
        _session.CancelWaiting();
        Await(() => Array.Exists(_requests, request => request.IsDone && request.Capacity >= length), "a cancelled request does not complete");
        Collect();
    }

    private Task? Wait(RequestContext context)
    {
        if (_random.OneIn(100))
        {
            throw new InvalidOperationException(WatchedFileSystem.Injected);
        }
        if (_isEnding || !_random.OneIn(_lateness))
        {
            return null;
        }
        TaskCompletionSource late = new();
        bool endsOnlyCancelled = _random.OneIn(5);
        if (!endsOnlyCancelled)
        {
            // What a cancellation lets go on comes here on a thread of the pool.
            lock (_late)
            {
                _late.Add(late);
            }
        }
        if (endsOnlyCancelled || _random.OneIn(2))
        {
            _ = context.CancellationToken.UnsafeRegister(static state => ((TaskCompletionSource)state!).TrySetCanceled(), late);
        }
        return late.Task;
    }

    private void Answer(int index)
    {
        TaskCompletionSource late;
        lock (_late)
        {
            late = _late[index];
            _late.RemoveAt(index);
        }
        if (_random.OneIn(20))
        {
            late.TrySetException(new InvalidOperationException(WatchedFileSystem.Injected));
        }
        else
        {
            late.TrySetResult();
        }
        Collect();
    }

    /// <summary>The guest goes: everything is answered, every handle released, and the next guest is served.</summary>
    private void End()
    {
        _isEnding = true;
        _session.Reset();
        Await(() =>
        {
            while (_late.Count > 0)
            {
                Answer(_late.Count - 1);
            }
            return Array.TrueForAll(_requests, request => request.IsDone || !request.IsInUse);
        }, "a request was never completed");
        Collect();
        Await(() => _fileSystem.OpenHandles == 0, $"{_fileSystem.OpenHandles} handles were never released");
        Collect();
        _session.Reset();
        byte[] hello = FuseMessage.Build(Protocol.Opcode.Init, 0, new Protocol.InitIn { Major = 7, Minor = 40 });
        Dispatch(hello);
        if (_session.State is null)
        {
            throw new FuzzException("the next guest's INIT was refused");
        }
    }

    private static void Await(Func<bool> condition, string otherwise)
    {
        if (!SpinWait.SpinUntil(condition, Patience))
        {
            throw new FuzzException(otherwise);
        }
    }
}
