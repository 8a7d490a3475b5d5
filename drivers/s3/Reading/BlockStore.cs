using Kaleidofs.Caching;

namespace Kaleidofs.Drivers.S3.Reading;

/// <summary>The content cache, as far as one bucket has part in it.</summary>
internal sealed class BlockStore
{
    private readonly FileReader _files;
    private readonly bool _isKept;

    /// <param name="context">The cache, and threads that may wait for a disk.</param>
    /// <param name="identity">The bucket. It need not tell versions: each has a number of its own.</param>
    public BlockStore(DriverContext context, string identity)
    {
        Cache = context.Cache;
        _files = context.Files;
        Source = Cache.OpenSource(identity);
        _isKept = Cache.KeepOnDisk(Source, identity);
    }

    public ContentCache Cache { get; }

    /// <summary>The bucket's number.</summary>
    public ulong Source { get; }

    /// <summary>Puts a block into the cache's tier on disk, if there is one.</summary>
    public Task KeepAsync(BlockKey key, ReadOnlyMemory<byte> content)
        => !_isKept ? Task.CompletedTask : _files.RunAsync(() =>
        {
            Cache.Keep(key, content.Span);
            return true;
        });
}
