using Kaleidofs.Host.Linux;

namespace Kaleidofs.Host.Virtio;

/// <summary>What the device's control thread does to a queue: always on the queue's own thread, between batches.</summary>
internal sealed partial class QueueWorker
{
    private readonly Lock _commandGate = new();
    private readonly Queue<Command> _commands = new();
    private bool _hasCommands;
    private bool _closed;
    private FileDescriptor? _error;
    private ManualResetEventSlim? _drained;

    /// <summary>Takes a ring into use, from where it stands on. Requests are taken once it is enabled, too.</summary>
    /// <returns>What is wrong with it; null if nothing.</returns>
    public string? Configure(QueueConfiguration configuration)
    {
        string? error = null;
        Invoke(() =>
        {
            CloseRing();
            _ring = Ring.Open(configuration.Memory, configuration.Addresses, configuration.Size, configuration.Features, configuration.Position, out error);
            if (_ring is null)
            {
                configuration.Kick?.Dispose();
                return;
            }
            _configuration = configuration;
            _options.Quota.Enter();
            _lease = new MemoryLease(configuration.Memory);
            _order = configuration.Features.InOrder ? new CompletionOrder() : null;
            try
            {
                if (configuration.Kick is { } kick)
                {
                    Watch(kick);
                }
            }
            catch (IOException failure)
            {
                error = $"the kick descriptor cannot be waited for: {failure.Message}";
                CloseRing();
            }
        });
        return error;
    }

    /// <summary>Sets where the guest is signalled; null for nowhere. The descriptor becomes the queue's.</summary>
    public void SetCall(FileDescriptor? call) => Invoke(() =>
    {
        _call?.Dispose();
        _call = call;
        // What was published while there was none must not be missed; one signal too many is allowed.
        if (call is not null && _ring is not null)
        {
            Libc.Signal(call.Number);
        }
    });

    /// <summary>Sets where a broken ring is reported; null for nowhere. The descriptor stays the caller's, who keeps it open until it is replaced here.</summary>
    public void SetError(FileDescriptor? error) => Invoke(() => _error = error);

    /// <summary>Whether requests may be taken. On return of false none is being dispatched.</summary>
    public void SetEnabled(bool enabled) => Invoke(() => _enabled = enabled);

    /// <summary>Moves the ring to another snapshot. Requests in flight keep theirs.</summary>
    /// <returns>Why the ring cannot go on; null if it can, or if there is none.</returns>
    public string? SetMemory(GuestMemory memory)
    {
        string? error = null;
        Invoke(() =>
        {
            if (_ring is not { } ring || _configuration is not { } configuration)
            {
                return;
            }
            Publish();
            _ring = Ring.Open(memory, configuration.Addresses, configuration.Size, configuration.Features, ring.Base, out error);
            if (_ring is null)
            {
                CloseRing();
                return;
            }
            _configuration = configuration with { Memory = memory };
            _lease?.Release();
            _lease = new MemoryLease(memory);
        });
        return error;
    }

    /// <summary>Takes no more requests, and waits until none is in flight.</summary>
    /// <returns>Whether that was so in time.</returns>
    public bool TryDrain(TimeSpan timeout)
    {
        // Not disposed: the queue's thread may set it long after a timeout.
        ManualResetEventSlim drained = new();
        Invoke(() =>
        {
            _enabled = false;
            _drained = drained;
        });
        return drained.Wait(timeout);
    }

    /// <summary>Gives up the ring.</summary>
    /// <returns>Where it stands; null if there was no ring.</returns>
    public uint? Stop()
    {
        uint? position = null;
        Invoke(() =>
        {
            Publish();
            position = _ring?.Base;
            _enabled = false;
            CloseRing();
        });
        return position;
    }

    /// <summary>Gives up the ring, and ends the thread. What is in flight keeps its memory mapped until its driver answers.</summary>
    public void End()
    {
        Stop();
        Invoke(() => _ended = true);
    }

    /// <summary>Runs an action on the queue's thread between batches, and waits for it.</summary>
    private void Invoke(Action action)
    {
        Command command = new(action);
        lock (_commandGate)
        {
            if (_closed)
            {
                return;
            }
            _commands.Enqueue(command);
            Volatile.Write(ref _hasCommands, true);
            Libc.Signal(_wake.Number);
        }
        command.Wait();
    }

    private void RunCommands()
    {
        while (Volatile.Read(ref _hasCommands))
        {
            Command command;
            lock (_commandGate)
            {
                command = _commands.Dequeue();
                Volatile.Write(ref _hasCommands, _commands.Count > 0);
            }
            command.Run();
        }
    }

    private void CloseRing()
    {
        _ring = null;
        _generation++;
        _abandoned += _outstanding;
        _outstanding = 0;
        if (_order is { } order)
        {
            // What is done waits in vain for those before it; these retire by themselves, each when it is done.
            _order = null;
            while (order.TryTake(out VirtioRequest? request))
            {
                if (request.IsDone)
                {
                    GiveBack(request, request.Written);
                }
            }
        }
        _lease?.Release();
        _lease = null;
        if (_configuration is { } configuration)
        {
            _configuration = null;
            _options.Quota.Leave();
            if (configuration.Kick is { } kick)
            {
                Unwatch(kick);
                kick.Dispose();
            }
        }
    }

    /// <summary>An action and who waits for it.</summary>
    private sealed class Command
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Action _action;

        public Command(Action action) => _action = action;

        public void Run()
        {
            try
            {
                _action();
                _done.SetResult();
            }
            catch (Exception failure)
            {
                // It belongs to the control thread, which asked for it: the queue goes on.
                _done.SetException(failure);
            }
        }

        public void Wait() => _done.Task.GetAwaiter().GetResult();
    }
}
