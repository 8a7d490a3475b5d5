namespace Kaleidofs.Caching;

/// <summary>What the tier on disk holds and did so far.</summary>
/// <param name="Bound">The most bytes that it may take; 0 where there is none.</param>
/// <param name="Bytes">The bytes that it takes now, all processes' together.</param>
/// <param name="Hits">Blocks that this process read from it.</param>
/// <param name="Misses">Blocks that it was asked for and did not have.</param>
/// <param name="Written">Blocks that this process put into it.</param>
/// <param name="Damaged">Blocks that were not what was written; each was a miss.</param>
internal readonly record struct DiskTotals(long Bound, long Bytes, long Hits, long Misses, long Written, long Damaged);
