using System.Collections.Concurrent;

namespace Kaleidofs.Caching;

public sealed partial class ContentCache
{
    private readonly DiskTier? _disk;
    private readonly ConcurrentDictionary<ulong, DiskSource> _kept = new();

    /// <summary>A cache with a tier on disk, which ends with it.</summary>
    internal ContentCache(long budget, DiskTier? disk) : this(budget) => _disk = disk;

    /// <summary>What the tier on disk holds and did so far.</summary>
    internal DiskTotals ReadDiskTotals() => _disk?.ReadTotals() ?? default;

    /// <summary>
    /// Keeps a source's blocks on disk, where the host has a tier for that: those that were put there, also by another process, are read
    /// from there before a loader is asked. Waits for the disk. Never for what is encrypted at its source.
    /// </summary>
    /// <param name="source">The source's number.</param>
    /// <param name="identity">What the blocks are kept under: it must change when the source's content does.</param>
    /// <returns>Whether there is such a tier; without it everything else works the same.</returns>
    public bool KeepOnDisk(ulong source, string identity)
    {
        ArgumentNullException.ThrowIfNull(identity);
        if (_disk?.Open(identity) is not { } kept)
        {
            return false;
        }
        _kept[source] = kept;
        return true;
    }

    /// <summary>Puts a block into the tier on disk, and not into memory; nothing happens if its source is not kept there. It may wait for the disk, so no queue's thread does this.</summary>
    public void Keep(BlockKey key, ReadOnlySpan<byte> content)
    {
        if (_kept.TryGetValue(key.Source, out DiskSource? kept))
        {
            _disk!.Write(kept, key, content);
        }
    }

    /// <summary>
    /// Puts a block into the tier on disk that is in memory, or that its loader has filled by now, and copies nothing: its memory stays until it
    /// is written, soon. Waits for nothing itself.
    /// </summary>
    /// <returns>Complete when there is room for more. Who does not wait for that may fill the memory with what waits for the disk.</returns>
    public ValueTask KeepAsync(BlockKey key)
        => _kept.TryGetValue(key.Source, out DiskSource? kept) && _blocks.TryGetValue(key, out Block? block) && block.TryReference(isHit: false)
            ? _disk!.WriteAsync(kept, block)
            : default;

    /// <summary>
    /// Reads a whole block from the tier on disk into the caller's memory, and not into the cache's, if that waits for nothing: the system has it
    /// in memory, and it is not packed. It is checked there, so what the destination holds counts only if this says so.
    /// </summary>
    public bool TryReadKept(BlockKey key, Span<byte> destination)
        => _kept.TryGetValue(key.Source, out DiskSource? kept) && _disk!.TryReadNow(kept, key, destination);

    private ValueTask<bool> TryReadFromDiskAsync(Block block, bool isAhead)
    {
        if (!_kept.TryGetValue(block.Key.Source, out DiskSource? kept))
        {
            return new(false);
        }
        if (kept.MayHave(block.Key.Object, block.Key.Index))
        {
            return _disk!.ReadAsync(kept, block, isAhead);
        }
        _disk!.CountMiss();
        return new(false);
    }
}
