namespace Kaleidofs.Caching;

/// <summary>Produces a block that the cache does not have. One object for many blocks: the key says which.</summary>
public abstract class BlockLoader
{
    /// <summary>Whether nobody waits yet for what it loads, so that other threads may look whether it is on disk; the same for its whole life.</summary>
    public virtual bool IsAhead => false;

    /// <summary>Fills all of <paramref name="destination"/>. Called once a block however many readers wait, on whatever thread asked first: return a pending task for slow work.</summary>
    public abstract ValueTask<Errno> LoadAsync(BlockKey key, Memory<byte> destination);
}
