namespace Kaleidofs.Drivers.Llm.Generating;

/// <summary>A generation under way, which all who want its outcome share. It is given up when the last of them has left.</summary>
#pragma warning disable CA1001 // A source of cancellation without a timer holds nothing, and who leaves late must still find it.
internal sealed class Flight
#pragma warning restore CA1001
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private TaskCompletionSource _progress = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _users = 1;
    private bool _isStopped;

    private Flight()
    {
    }

    /// <summary>Its outcome.</summary>
    public Task<Errno> Completion { get; private set; } = null!;

    /// <summary>Completes when there is more than when it was asked for.</summary>
    public Task Progress
    {
        get
        {
            lock (_gate)
            {
                return _progress.Task;
            }
        }
    }

    /// <summary>Begins one, with the caller as its first user.</summary>
    public static Flight Start(Func<Flight, CancellationToken, Task<Errno>> work)
    {
        Flight flight = new();
        TaskCompletionSource begin = new(TaskCreationOptions.RunContinuationsAsynchronously);
        flight.Completion = flight.RunAsync(work, begin.Task);
        begin.SetResult();
        return flight;
    }

    /// <summary>One more user; false if it has ended, or is being given up.</summary>
    public bool TryJoin()
    {
        lock (_gate)
        {
            if (_users == 0 || _isStopped || Completion.IsCompleted)
            {
                return false;
            }
            _users++;
            return true;
        }
    }

    /// <summary>Returns when there is more, or when it ends.</summary>
    /// <param name="progress">What <see cref="Progress"/> was before the caller looked at what there is.</param>
    /// <param name="cancellationToken">Ends the waiting alone.</param>
    public Task WaitAsync(Task progress, CancellationToken cancellationToken) => Task.WhenAny(progress, Completion).WaitAsync(cancellationToken);

    /// <summary>A user goes.</summary>
    public void Leave()
    {
        lock (_gate)
        {
            if (--_users > 0)
            {
                return;
            }
        }
        _ = _stop.CancelAsync();
    }

    /// <summary>Gives it up, whoever waits.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _isStopped = true;
        }
        _ = _stop.CancelAsync();
    }

    /// <summary>There is more.</summary>
    public void Advance()
    {
        TaskCompletionSource reached;
        lock (_gate)
        {
            reached = _progress;
            _progress = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        reached.TrySetResult();
    }

    private async Task<Errno> RunAsync(Func<Flight, CancellationToken, Task<Errno>> work, Task begin)
    {
        await begin.ConfigureAwait(false);
        try
        {
            return await work(this, _stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return Errno.EINTR;
        }
    }
}
