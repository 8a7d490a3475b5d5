namespace Kaleidofs.Caching;

/// <summary>Names a block of decoded content.</summary>
/// <param name="Source">The source's number, from <see cref="ContentCache.OpenSource"/>.</param>
/// <param name="Object">The file within the source, as the driver numbers them.</param>
/// <param name="Index">The block within the file; the driver chooses the block size.</param>
public readonly record struct BlockKey(ulong Source, ulong Object, ulong Index)
{
    /// <inheritdoc/>
    public override int GetHashCode()
    {
        ulong mixed = ((Source * 0x9E3779B97F4A7C15) ^ Object) * 0xC2B2AE3D27D4EB4F;
        mixed = (mixed ^ (mixed >> 32) ^ Index) * 0x9FB21C651E98DF25;
        return (int)(mixed >> 32);
    }
}
