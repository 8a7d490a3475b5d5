namespace Kaleidofs.Drivers.Git;

/// <summary>A step that is repeated on a thread that may wait, by one at a time, for as long as it finds something to do.</summary>
/// <param name="files">Has such threads.</param>
/// <param name="step">Does a little; false if there is nothing to do. It is ended between two steps only.</param>
internal sealed class BackgroundWork(FileReader files, Func<bool> step)
{
    private const int Idle = 0;
    private const int Running = 1;
    private const int Woken = 2;

    private Task _run = Task.CompletedTask;
    private volatile bool _isEnding;
    private int _state;

    /// <summary>There is something to do.</summary>
    public void Wake()
    {
        if (!_isEnding && Interlocked.Exchange(ref _state, Woken) == Idle)
        {
            _run = files.RunAsync(Run);
        }
    }

    /// <summary>Waits for the step that is under way, and begins none.</summary>
    public async Task EndAsync()
    {
        _isEnding = true;
        await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private bool Run()
    {
        do
        {
            Volatile.Write(ref _state, Running);
            while (!_isEnding && step())
            {
            }
        }
        while (Interlocked.CompareExchange(ref _state, Idle, Running) != Running);
        return true;
    }
}
