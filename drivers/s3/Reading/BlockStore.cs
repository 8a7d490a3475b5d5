using Kaleidofs.Caching;

namespace Kaleidofs.Drivers.S3.Reading;

/// <summary>The content cache, as far as one bucket has part in it.</summary>
internal sealed class BlockStore
{
    /// <param name="context">The cache.</param>
    /// <param name="identity">The bucket. It need not tell versions: each has a number of its own.</param>
    public BlockStore(DriverContext context, string identity)
    {
        Cache = context.Cache;
        Source = Cache.OpenSource(identity);
        Cache.KeepOnDisk(Source, identity);
    }

    public ContentCache Cache { get; }

    /// <summary>The bucket's number.</summary>
    public ulong Source { get; }

}
