using Kaleidofs.Host.Linux;
using Kaleidofs.Host.Virtio;

namespace Kaleidofs.Host.VhostUser;

/// <summary>One virtqueue as the front end describes it, bit by bit and in any order; it runs once it is whole. Used by the control thread alone.</summary>
/// <remarks>
/// States are the specification's ("Ring states"): a ring is started by SET_VRING_KICK and stopped by GET_VRING_BASE;
/// SET_VRING_ENABLE says whether requests are taken from a started one. The queue's thread exists from its first start on.
/// </remarks>
internal sealed class Vring
{
    private readonly int _index;
    private readonly Func<int, QueueWorker> _createWorker;
    private QueueWorker? _worker;
    private int _size;
    private RingAddresses? _addresses;
    private uint? _position;
    private bool _isStarted;
    private bool _isRunning;
    private FileDescriptor? _kick;
    private FileDescriptor? _call;
    private FileDescriptor? _error;

    public Vring(int index, Func<int, QueueWorker> createWorker)
    {
        _index = index;
        _createWorker = createWorker;
    }

    public bool IsEnabled { get; private set; }

    /// <summary>Between its start and its stop.</summary>
    public bool IsStarted => _isStarted;

    /// <summary>Whether requests of a ring that was given up are still in flight.</summary>
    public bool HasAbandoned => _worker is { HasAbandoned: true };

    public string? SetSize(uint size, RingFeatures features)
    {
        if (_isRunning)
        {
            return "the ring is running";
        }
        if (size is 0 or > Ring.MaxSize || (!features.IsPacked && !uint.IsPow2(size)))
        {
            return $"a ring of {size}";
        }
        _size = (int)size;
        return null;
    }

    public string? SetAddresses(RingAddresses addresses)
    {
        // A front end repeats them to change flags that this device has no use for.
        if (_isRunning && addresses != _addresses)
        {
            return "the ring is running";
        }
        _addresses = addresses;
        return null;
    }

    public string? SetBase(uint position, RingFeatures features)
    {
        if (_isRunning)
        {
            return "the ring is running";
        }
        if (position > ushort.MaxValue && !features.IsPacked)
        {
            return $"a ring index of {position}";
        }
        _position = position;
        return null;
    }

    /// <summary>The ring is started, by a descriptor that becomes the ring's or by none. One that runs is drained before.</summary>
    public string? SetKick(FileDescriptor? kick, GuestMemory? memory, RingFeatures features)
    {
        if (_isRunning)
        {
            _position = Halt() ?? _position;
        }
        _kick?.Dispose();
        _kick = kick;
        _isStarted = true;
        return TryRun(memory, features);
    }

    public void SetCall(FileDescriptor? call)
    {
        if (_worker is { } worker)
        {
            worker.SetCall(call);
            return;
        }
        _call?.Dispose();
        _call = call;
    }

    public void SetError(FileDescriptor? error)
    {
        _worker?.SetError(error);
        _error?.Dispose();
        _error = error;
    }

    public void SetEnabled(bool enabled)
    {
        IsEnabled = enabled;
        _worker?.SetEnabled(enabled && _isRunning);
    }

    /// <summary>The memory map changed: a ring that runs moves to it, one that waited for it may start.</summary>
    public string? SetMemory(GuestMemory memory, RingFeatures features)
    {
        if (!_isRunning)
        {
            // A ring that is not there yet may come with the next region.
            _ = TryRun(memory, features, isLastWord: false);
            return null;
        }
        string? error = _worker!.SetMemory(memory);
        if (error is not null)
        {
            _isRunning = _isStarted = false;
        }
        return error;
    }

    /// <summary>Takes no more requests from the ring. On return none is being dispatched.</summary>
    public void Pause() => _worker?.SetEnabled(false);

    /// <summary>Waits until none of the ring's requests is in flight; the ring is paused.</summary>
    public bool TryDrain(TimeSpan timeout) => _worker is not { } worker || worker.TryDrain(timeout);

    /// <summary>Stops the ring, which is drained or else forgets its requests in flight.</summary>
    /// <returns>Where it stands.</returns>
    public uint Stop()
    {
        _position = Halt() ?? _position;
        _isStarted = false;
        return _position ?? 0;
    }

    /// <summary>Stops the ring and forgets where it was. Where to signal stays: front ends tell it before a reset, not after.</summary>
    public void Reset()
    {
        Stop();
        IsEnabled = false;
        _position = null;
        _size = 0;
        _addresses = null;
        _kick?.Dispose();
        _kick = null;
    }

    /// <summary>The front end is gone, and the queue's thread ends.</summary>
    public void Close()
    {
        _worker?.SetError(null);
        _worker?.End();
        _worker = null;
        _kick?.Dispose();
        _call?.Dispose();
        _error?.Dispose();
    }

    private uint? Halt()
    {
        _isRunning = false;
        return _worker?.Stop();
    }

    private string? TryRun(GuestMemory? memory, RingFeatures features, bool isLastWord = true)
    {
        if (!_isStarted || _size == 0 || _addresses is not { } addresses || memory is null)
        {
            return null;
        }
        if (!isLastWord && !addresses.TryResolve(memory, _size, features.IsPacked, out _))
        {
            return null;
        }
        if (_worker is null)
        {
            _worker = _createWorker(_index);
            _worker.SetCall(_call);
            _worker.SetError(_error);
            _call = null;
        }
        FileDescriptor? kick = _kick;
        _kick = null;
        string? error = _worker.Configure(new QueueConfiguration(memory, _size, addresses, _position, features, kick));
        if (error is not null)
        {
            _isStarted = false;
            return error;
        }
        _isRunning = true;
        _worker.SetEnabled(IsEnabled);
        return null;
    }
}
