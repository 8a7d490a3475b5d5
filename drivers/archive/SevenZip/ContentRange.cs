namespace Kaleidofs.Drivers.Archive.SevenZip;

/// <summary>Where a file's content stands.</summary>
/// <param name="Folder">The folder's number.</param>
/// <param name="Start">The first byte in what comes out of it.</param>
/// <param name="Length">How many bytes there are.</param>
/// <param name="Crc">Their checksum, if there is one.</param>
internal readonly record struct ContentRange(int Folder, long Start, long Length, uint? Crc);
