namespace Kaleidofs.Drivers.Archive.Decoding;

/// <summary>Takes blocks that were decoded on the way to the one that somebody wants, and hears of damage.</summary>
internal interface IBlockSink
{
    /// <summary>A block that nobody asked for.</summary>
    void Add(long index, ReadOnlySpan<byte> block);

    /// <summary>Any block that was decoded, for the cache's tier on disk. On a thread that may wait for it.</summary>
    void Keep(long index, ReadOnlySpan<byte> block);

    /// <summary>The data is damaged.</summary>
    void ReportDamage(string reason);
}
