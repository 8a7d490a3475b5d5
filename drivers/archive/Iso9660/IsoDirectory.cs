namespace Kaleidofs.Drivers.Archive.Iso9660;

/// <summary>A directory that is being read.</summary>
/// <param name="Start">Where it begins in the image.</param>
/// <param name="Position">The next record.</param>
/// <param name="End">Where it ends.</param>
/// <param name="PathLength">How much of the path of what is being read is its own.</param>
internal readonly record struct IsoDirectory(long Start, long Position, long End, int PathLength);
