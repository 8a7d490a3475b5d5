namespace Kaleidofs.Drivers.Archive.Inflate;

/// <summary>Where deflated data stands.</summary>
/// <param name="File">The archive.</param>
/// <param name="Start">Its first byte.</param>
/// <param name="End">The byte after its last.</param>
/// <param name="IsGzip">Whether it is gzip members one after the other, rather than one bare stream.</param>
internal readonly record struct DeflatedRange(ArchiveFile File, long Start, long End, bool IsGzip);
