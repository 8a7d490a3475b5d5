namespace Kaleidofs.Paths;

/// <summary>What an inode number that an earlier process gave led to.</summary>
/// <param name="Parent">The directory's number.</param>
/// <param name="Name">The name there.</param>
internal readonly record struct PathNumber(ulong Parent, byte[] Name);
