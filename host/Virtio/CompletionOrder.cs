using System.Diagnostics.CodeAnalysis;

namespace Kaleidofs.Host.Virtio;

/// <summary>A ring's requests in the order in which they were taken, for VIRTIO_F_IN_ORDER (virtio 1.3, 2.7.9 and 2.8.9). Used by the queue's thread alone.</summary>
internal sealed class CompletionOrder
{
    private VirtioRequest? _oldest;
    private VirtioRequest? _newest;

    public void Add(VirtioRequest request)
    {
        request.IsDone = false;
        if (_newest is null)
        {
            _oldest = request;
        }
        else
        {
            _newest.Successor = request;
        }
        _newest = request;
    }

    /// <summary>Takes the oldest request, if it is done.</summary>
    public bool TryTakeDone([NotNullWhen(true)] out VirtioRequest? request)
    {
        request = null;
        return _oldest is { IsDone: true } && TryTake(out request);
    }

    /// <summary>Takes the oldest request, done or not.</summary>
    public bool TryTake([NotNullWhen(true)] out VirtioRequest? request)
    {
        request = _oldest;
        if (request is null)
        {
            return false;
        }
        _oldest = request.Successor;
        request.Successor = null;
        if (_oldest is null)
        {
            _newest = null;
        }
        return true;
    }
}
