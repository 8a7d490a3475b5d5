namespace Kaleidofs;

/// <summary>The index of a source, as it is kept in a file.</summary>
/// <param name="Path">The file.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="Entries">How many inodes it has.</param>
/// <param name="WasThere">Whether it was there already, and true.</param>
public sealed record SourceIndex(string Path, long Length, long Entries, bool WasThere);
