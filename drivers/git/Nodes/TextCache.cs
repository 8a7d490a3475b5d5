using Kaleidofs.Caching;

namespace Kaleidofs.Drivers.Git.Nodes;

/// <summary>The texts that were made for commits, among the content that all shares keep.</summary>
internal sealed class TextCache(ContentCache cache)
{
    private readonly ulong _source = cache.OpenSource("");
    private ulong _last;

    public BlockKey NewKey() => new(_source, Interlocked.Increment(ref _last), 0);

    public bool TryGet(BlockKey key, out BlockLease lease) => cache.TryGet(key, out lease);

    public void Add(BlockKey key, ReadOnlySpan<byte> text) => cache.Add(key, text);
}
