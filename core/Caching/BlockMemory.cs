using System.Numerics;
using System.Runtime.InteropServices;

namespace Kaleidofs.Caching;

/// <summary>
/// Where a cache's blocks lie: one region, which the system backs with memory only as it is touched, and in which each
/// block has whole pages. From the C library's heap blocks of so many sizes would take nearly twice their length, in the
/// gaps that dropped ones leave, and a heap for each thread that loads them.
/// </summary>
/// <remarks>
/// A buddy allocator: free runs of pages have a power of two for their length and a multiple of it for their place, so
/// that two that belong together are found by one bit. What a run has too much for a block is free again at once.
/// What finds no place (blocks in use beyond the budget, blocks longer than a run) comes from the C library after all.
/// </remarks>
internal sealed unsafe class BlockMemory : IDisposable
{
    /// <summary>Blocks begin and end with pages of so many bytes.</summary>
    public const int PageLength = 4096;

    /// <summary>Runs are at most 1 &lt;&lt; 10 pages, 4 MiB, long.</summary>
    private const int MaxOrder = 10;

    private const int None = -1;

    private readonly Lock _lock = new();
    private readonly long _capacity;
    // For the first page of each free run: its order, and its neighbours in the list of that order.
    private sbyte[] _orders = [];
    private int[] _next = [];
    private int[] _previous = [];
    private readonly int[] _first = new int[MaxOrder + 1];
    private byte* _region;
    private int _used;
    private bool _isReserved;
    private bool _isDisposed;

    /// <param name="capacity">The region's length in bytes. It is reserved when the first block comes.</param>
    public BlockMemory(long capacity)
    {
        _capacity = Math.Min(capacity, (long)int.MaxValue * PageLength);
        Array.Fill(_first, None);
    }

    /// <summary>What a block of a length takes.</summary>
    public static long GetFootprint(int length) => (long)GetPages(length) * PageLength;

    /// <summary>Memory for a block, not cleared.</summary>
    public byte* Allocate(int length)
    {
        int pages = GetPages(length);
        lock (_lock)
        {
            Reserve();
            if (TryTake(pages, out int page))
            {
                _used++;
                return _region + ((long)page * PageLength);
            }
        }
        return (byte*)NativeMemory.Alloc((nuint)Math.Max(length, 1));
    }

    /// <summary>Gives a block's memory back.</summary>
    public void Free(byte* memory, int length)
    {
        if (memory < _region || memory >= _region + ((long)_orders.Length * PageLength))
        {
            NativeMemory.Free(memory);
            return;
        }
        lock (_lock)
        {
            Give((int)((memory - _region) / PageLength), GetPages(length));
            _used--;
            FreeRegion();
        }
    }

    /// <summary>Lets the region go when the last block has.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            FreeRegion();
        }
    }

    private static int GetPages(int length) => Math.Max(1, (int)((length + (PageLength - 1L)) / PageLength));

    private void Reserve()
    {
        if (_isReserved)
        {
            return;
        }
        _isReserved = true;
        int pages = (int)(_capacity / PageLength);
        try
        {
            (sbyte[] orders, int[] next, int[] previous) = (new sbyte[pages], new int[pages], new int[pages]);
            _region = (byte*)NativeMemory.AlignedAlloc((nuint)pages * PageLength, PageLength);
            (_orders, _next, _previous) = (orders, next, previous);
        }
        catch (OutOfMemoryException)
        {
            // More than the system promises at once: then block by block.
            return;
        }
        Array.Fill(_orders, (sbyte)None);
        Give(0, pages);
    }

    private void FreeRegion()
    {
        if (_isDisposed && _used == 0)
        {
            NativeMemory.AlignedFree(_region);
            _region = null;
            _orders = [];
            Array.Fill(_first, None);
        }
    }

    private bool TryTake(int pages, out int page)
    {
        for (int order = BitOperations.Log2((uint)pages - 1 | 1) + (pages > 1 ? 1 : 0); order <= MaxOrder; order++)
        {
            if (_first[order] is var found && found != None)
            {
                Unlink(found, order);
                Give(found + pages, (1 << order) - pages);
                page = found;
                return true;
            }
        }
        page = None;
        return false;
    }

    private void Give(int page, int count)
    {
        while (count > 0)
        {
            int order = Math.Min(BitOperations.TrailingZeroCount(page | (1 << MaxOrder)), BitOperations.Log2((uint)count));
            Join(page, order);
            page += 1 << order;
            count -= 1 << order;
        }
    }

    private void Join(int page, int order)
    {
        while (order < MaxOrder && (page ^ (1 << order)) is var buddy && buddy < _orders.Length && _orders[buddy] == order)
        {
            Unlink(buddy, order);
            page = Math.Min(page, buddy);
            order++;
        }
        int next = _first[order];
        _orders[page] = (sbyte)order;
        (_next[page], _previous[page]) = (next, None);
        if (next != None)
        {
            _previous[next] = page;
        }
        _first[order] = page;
    }

    private void Unlink(int page, int order)
    {
        (int next, int previous) = (_next[page], _previous[page]);
        _orders[page] = None;
        if (previous == None)
        {
            _first[order] = next;
        }
        else
        {
            _next[previous] = next;
        }
        if (next != None)
        {
            _previous[next] = previous;
        }
    }
}
