using System.Collections.Concurrent;

namespace Kaleidofs.Engine;

/// <summary>
/// Open handles of a driver that keeps state per handle. The guest sees numbers of ours, so a hostile one can name
/// only handles that it opened, and what it left open is released when it goes away.
/// </summary>
internal sealed class HandleTable(int limit)
{
    private readonly ConcurrentDictionary<ulong, OpenHandle> _handles = new();
    private ulong _last;
    private int _count;

    /// <summary>Reserves a place before the driver opens anything; false when the share has all the handles it may have.</summary>
    public bool TryReserve()
    {
        if (Interlocked.Increment(ref _count) <= limit)
        {
            return true;
        }
        Interlocked.Decrement(ref _count);
        return false;
    }

    /// <summary>Gives a place back that was not used.</summary>
    public void CancelReservation() => Interlocked.Decrement(ref _count);

    public ulong Add(OpenHandle handle)
    {
        ulong number = Interlocked.Increment(ref _last);
        _handles[number] = handle;
        return number;
    }

    public bool TryGet(ulong number, ulong inode, bool isDirectory, out OpenHandle handle)
        => _handles.TryGetValue(number, out handle) && handle.Inode == inode && handle.IsDirectory == isDirectory;

    public bool TryRemove(ulong number, ulong inode, bool isDirectory, out OpenHandle handle)
    {
        if (!TryGet(number, inode, isDirectory, out handle) || !_handles.TryRemove(number, out handle))
        {
            return false;
        }
        Interlocked.Decrement(ref _count);
        return true;
    }

    public List<OpenHandle> RemoveAll()
    {
        List<OpenHandle> all = [];
        foreach (ulong number in _handles.Keys)
        {
            if (_handles.TryRemove(number, out OpenHandle handle))
            {
                Interlocked.Decrement(ref _count);
                all.Add(handle);
            }
        }
        return all;
    }
}

/// <summary>What an open handle stands for.</summary>
internal readonly record struct OpenHandle(ulong Inode, ulong DriverHandle, bool IsDirectory);
