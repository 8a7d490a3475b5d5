namespace Kaleidofs.Engine;

/// <summary>A request's token, made only when a driver asks for it.</summary>
internal abstract partial class FuseRequest : IRequestCancellation
{
    private readonly Lock _cancellationLock = new();
    private CancellationTokenSource? _cancellation;
    private bool _isInterrupted;
    private bool _isWaiting;

    CancellationToken IRequestCancellation.Token
    {
        get
        {
            lock (_cancellationLock)
            {
                _cancellation ??= new CancellationTokenSource();
                if (_isInterrupted)
                {
                    _cancellation.Cancel();
                }
                return _cancellation.Token;
            }
        }
    }

    /// <summary>Cancels the request if it is still the one with this number: the object may serve another by now.</summary>
    public void Interrupt(ulong unique)
    {
        lock (_cancellationLock)
        {
            // While it waits its header stands still; before and after, the object may be another request's already.
            if (_isWaiting && Header.Unique == unique)
            {
                _isInterrupted = true;
                // Callbacks run elsewhere: one of them may complete this very request.
                _ = _cancellation?.CancelAsync();
            }
        }
    }

    /// <summary>From now on <see cref="Interrupt"/> may come, from any thread, until the request is answered.</summary>
    public void BeginWaiting()
    {
        Volatile.Write(ref _isWaiting, true);
        CountWaiting();
    }

    /// <summary>Ends this use of the object. What never waited was never to be interrupted, and needs no lock.</summary>
    private void EndCancellation()
    {
        if (!_isWaiting)
        {
            _cancellation = null;
            IsActive = false;
            return;
        }
        lock (_cancellationLock)
        {
            _cancellation = null;
            _isInterrupted = false;
            _isWaiting = false;
            IsActive = false;
        }
    }
}
