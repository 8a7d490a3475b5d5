using Kaleidofs.Caching;
using Kaleidofs.Drivers.S3.Client;

namespace Kaleidofs.Drivers.S3.Reading;

/// <summary>One version of an object, open for reading.</summary>
/// <param name="key">Its key.</param>
/// <param name="version">The version: no other's bytes are read.</param>
/// <param name="size">Its length in bytes.</param>
/// <param name="content">The number that the cache knows its bytes by.</param>
internal sealed class OpenObject(string key, ObjectVersion version, long size, ulong content)
{
    public string Key => key;

    public ObjectVersion Version => version;

    public long Size => size;

    public ulong Content => content;

    /// <summary>How it is read.</summary>
    public ReadPattern Pattern { get; } = new();

    /// <summary>The length of a block: all are alike, but for the last.</summary>
    public int GetLength(long block) => (int)Math.Min(ContentReader.BlockSize, size - (block * ContentReader.BlockSize));

    /// <summary>The name of a block in the cache.</summary>
    public BlockKey GetBlock(ulong source, long block) => new(source, content, (ulong)block);
}
