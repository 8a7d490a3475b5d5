namespace Kaleidofs.Caching;

/// <summary>A block that is to be written to disk: a copy, or the cache's own memory, which stays until then.</summary>
/// <param name="Source">Whose it is.</param>
/// <param name="Key">Which it is.</param>
/// <param name="Content">Its bytes.</param>
/// <param name="Buffer">The array that they are in, if it is a copy.</param>
/// <param name="Block">The block, of which a reference is held, if it is none.</param>
internal readonly record struct PendingBlock(DiskSource Source, BlockKey Key, ReadOnlyMemory<byte> Content, byte[]? Buffer, Block? Block);
