using System.Collections.Concurrent;

namespace Kaleidofs.Caching;

/// <summary>
/// Decoded content for all shares of the process: off the GC heap, within a budget, single-flight.
/// A hit takes no lock and allocates nothing.
/// </summary>
/// <remarks>
/// The budget bounds what is kept. Blocks that are leased or being loaded cannot be dropped and may exceed
/// it for that long; they are bounded by the requests in flight.
/// Eviction is CLOCK: a second chance for what was hit since the hand last passed.
/// </remarks>
public sealed partial class ContentCache : IDisposable
{
    /// <summary>The budget where nobody chose one: 256 MiB.</summary>
    public const long DefaultBudget = 256L << 20;

    private readonly ConcurrentDictionary<BlockKey, Block> _blocks = new();
    private readonly ConcurrentDictionary<string, ulong> _sources = new(StringComparer.Ordinal);
    private readonly Queue<Block> _clock = new();
    private readonly Lock _clockLock = new();
    private readonly CacheCounters _counters = new();
    private readonly BlockMemory _memory;
    private ulong _lastSource;
    private long _bytes;

    /// <summary>A cache that keeps at most <paramref name="budget"/> bytes of content.</summary>
    public ContentCache(long budget = DefaultBudget)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(budget);
        Budget = budget;
        // With room for blocks that are being loaded while none was dropped for them yet.
        _memory = new BlockMemory(Math.Min(budget, long.MaxValue / 2) + (budget / 8) + (4 << 20));
    }

    /// <summary>The most bytes it keeps.</summary>
    public long Budget { get; }

    /// <summary>Bytes that the content held now takes, in whole pages.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>What it held and did so far.</summary>
    internal CacheTotals ReadTotals()
    {
        // Hits of blocks that went are read first: a block on its way out is then missing for a moment rather than counted twice.
        long hits = _counters.RetiredHits;
        long blocks = 0;
        foreach ((_, Block block) in _blocks)
        {
            hits += block.Hits;
            blocks++;
        }
        return _counters.Read(Budget, Bytes, blocks, hits);
    }

    /// <summary>A number for a source's identity: the same for the same identity, so that shares of one source share blocks. An empty identity gets a number of its own.</summary>
    public ulong OpenSource(string identity)
    {
        ArgumentNullException.ThrowIfNull(identity);
        return identity.Length == 0
            ? Interlocked.Increment(ref _lastSource)
            : _sources.GetOrAdd(identity, static (_, cache) => Interlocked.Increment(ref cache._lastSource), this);
    }

    /// <summary>A block if it is at hand.</summary>
    public bool TryGet(BlockKey key, out BlockLease lease)
    {
        if (_blocks.TryGetValue(key, out Block? block) && block.IsLoaded && block.TryReference(isHit: true))
        {
            block.IsRecent = true;
            lease = new BlockLease(block);
            return true;
        }
        lease = default;
        return false;
    }

    /// <summary>A block, loaded by the first who asks while the others wait for that one load. A failed load is not remembered.</summary>
    /// <param name="key">Which block.</param>
    /// <param name="length">Its length in bytes; the same for every caller.</param>
    /// <param name="loader">Loads it. Who waits goes on where the loader's task completes, so that is on a thread of the share's own, and under no lock.</param>
    /// <param name="cancellationToken">Ends this caller's wait; the load goes on for the others, and for the next who asks.</param>
    public ValueTask<Result<BlockLease>> GetAsync(BlockKey key, int length, BlockLoader loader, CancellationToken cancellationToken = default)
        => TryGet(key, out BlockLease lease) ? new(lease) : GetSlowAsync(key, length, loader, cancellationToken);

    /// <summary>Adds a block that was decoded on the way to another; nothing happens if it is there already.</summary>
    public void Add(BlockKey key, ReadOnlySpan<byte> content)
    {
        if (_blocks.ContainsKey(key) || content.Length > Budget)
        {
            return;
        }
        Block block = new(key, content.Length, _memory, _counters);
        content.CopyTo(block.GetSpan());
        block.Complete(Errno.None);
        if (_blocks.TryAdd(key, block))
        {
            Enter(block);
        }
        else
        {
            block.Release();
        }
    }

    /// <summary>Drops everything that is not in use.</summary>
    public void Dispose()
    {
        lock (_clockLock)
        {
            while (_clock.TryDequeue(out Block? block))
            {
                Drop(block);
            }
        }
        _disk?.Dispose();
        _memory.Dispose();
    }

    private async ValueTask<Result<BlockLease>> GetSlowAsync(BlockKey key, int length, BlockLoader loader, CancellationToken cancellationToken)
    {
        while (true)
        {
            bool isShared = _blocks.TryGetValue(key, out Block? block);
            if (block is null)
            {
                block = new Block(key, length, _memory, _counters);
                block.TryReference(isHit: false);
                if (!_blocks.TryAdd(key, block))
                {
                    block.Release();
                    block.Release();
                    continue;
                }
                _counters.CountMiss();
                _ = LoadAsync(block, loader);
            }
            else if (!block.TryReference(isHit: false))
            {
                // Evicted between the look-up and now: it is on its way out of the table.
                await Task.Yield();
                continue;
            }
            Errno errno;
            try
            {
                errno = await block.Loaded.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            catch
            {
                block.Release();
                throw;
            }
            if (errno != Errno.None)
            {
                block.Release();
                return errno;
            }
            block.IsRecent |= isShared;
            return new BlockLease(block);
        }
    }

    /// <summary>Fills a block that is in the table. The table's reference keeps its memory until it is evicted or, failed, discarded.</summary>
    private async Task LoadAsync(Block block, BlockLoader loader)
    {
        Errno errno = Errno.EIO;
        Exception? failure = null;
        try
        {
            errno = await TryReadFromDiskAsync(block, loader.IsAhead).ConfigureAwait(false)
                ? Errno.None
                : await loader.LoadAsync(block.Key, block.Memory).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            failure = exception;
        }
        if (errno == Errno.None)
        {
            block.Complete(Errno.None);
            Enter(block);
            return;
        }
        _blocks.TryRemove(new KeyValuePair<BlockKey, Block>(block.Key, block));
        if (failure is null)
        {
            block.Complete(errno);
        }
        else
        {
            block.Fail(failure);
        }
        block.Release();
    }

    private void Enter(Block block)
    {
        Interlocked.Add(ref _bytes, BlockMemory.GetFootprint(block.Length));
        lock (_clockLock)
        {
            _clock.Enqueue(block);
            // Twice round at most: the first pass clears the marks, the second finds what is idle.
            for (int steps = _clock.Count * 2; _bytes > Budget && steps > 0; steps--)
            {
                Block candidate = _clock.Dequeue();
                if (candidate.IsRecent || !candidate.IsIdle)
                {
                    candidate.IsRecent = false;
                    _clock.Enqueue(candidate);
                    continue;
                }
                Drop(candidate);
                _counters.CountEviction();
            }
        }
    }

    private void Drop(Block block)
    {
        _blocks.TryRemove(new KeyValuePair<BlockKey, Block>(block.Key, block));
        Interlocked.Add(ref _bytes, -BlockMemory.GetFootprint(block.Length));
        block.Release();
    }
}
