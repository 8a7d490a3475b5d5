namespace Kaleidofs.Caching;

/// <summary>A block that stays in memory until the lease is disposed, exactly once. Keep it for a copy, not for a wait.</summary>
public readonly struct BlockLease : IDisposable
{
    private readonly Block _block;

    internal BlockLease(Block block) => _block = block;

    /// <summary>The block's bytes. Others read the same memory: do not write.</summary>
    public ReadOnlySpan<byte> Span => _block.GetSpan();

    /// <summary>Gives the block back.</summary>
    public void Dispose() => _block?.Release();
}
