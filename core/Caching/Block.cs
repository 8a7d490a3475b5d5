using System.Buffers;

namespace Kaleidofs.Caching;

/// <summary>
/// A block's native memory and its life. References: one of the cache while the block is in its table, one for
/// each lease; whoever drops the last frees the memory. A count of 0 never rises again.
/// </summary>
/// <remarks>
/// The references are the low 24 bits of one word, and its rest counts the hits: a hit takes a reference anyway, so
/// counting it costs nothing. The cache takes the hits over with the memory.
/// </remarks>
internal sealed unsafe class Block : MemoryManager<byte>
{
    private const int ReferenceBits = 24;
    private const long ReferenceMask = (1L << ReferenceBits) - 1;

    private readonly CacheCounters _counters;
    private readonly BlockMemory _place;
    // Who waits goes on at once, on the thread that has loaded: on the thread pool, which all shares have in common, one would
    // stand in line behind another share's driver that keeps it busy.
    private readonly TaskCompletionSource<Errno> _loaded = new();
    private byte* _memory;
    private long _state = 1;

    public Block(BlockKey key, int length, BlockMemory place, CacheCounters counters)
    {
        _place = place;
        _counters = counters;
        Key = key;
        Length = length;
        _memory = place.Allocate(length);
    }

    public BlockKey Key { get; }

    public int Length { get; }

    /// <summary>Set at each hit, cleared as the clock's hand passes.</summary>
    public volatile bool IsRecent;

    /// <summary>Set, with the bytes visible, before <see cref="Loaded"/> completes.</summary>
    public volatile bool IsLoaded;

    public Task<Errno> Loaded => _loaded.Task;

    public bool IsIdle => (Volatile.Read(ref _state) & ReferenceMask) == 1;

    /// <summary>How often it was found.</summary>
    public long Hits => Volatile.Read(ref _state) >> ReferenceBits;

    /// <summary>Takes a reference, and counts it as a hit or not.</summary>
    public bool TryReference(bool isHit)
    {
        long step = isHit ? (1L << ReferenceBits) + 1 : 1;
        long seen = Volatile.Read(ref _state);
        while ((seen & ReferenceMask) != 0)
        {
            long before = Interlocked.CompareExchange(ref _state, seen + step, seen);
            if (before == seen)
            {
                return true;
            }
            seen = before;
        }
        return false;
    }

    public void Release()
    {
        long state = Interlocked.Decrement(ref _state);
        if ((state & ReferenceMask) == 0)
        {
            _counters.Retire(state >> ReferenceBits);
            _place.Free(_memory, Length);
            _memory = null;
        }
    }

    /// <summary>Who waits goes on before this returns: no lock may be held.</summary>
    public void Complete(Errno errno)
    {
        IsLoaded = errno == Errno.None;
        _loaded.SetResult(errno);
    }

    public void Fail(Exception exception) => _loaded.SetException(exception);

    public override Span<byte> GetSpan() => new(_memory, Length);

    public override MemoryHandle Pin(int elementIndex = 0) => new(_memory + elementIndex);

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }
}
