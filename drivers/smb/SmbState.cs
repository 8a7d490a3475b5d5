namespace Kaleidofs.Drivers.Smb;

/// <summary>What is remembered of a path.</summary>
/// <param name="ReparseTag">What kind of link it is, if it is one.</param>
/// <param name="Attributes">The server's attributes.</param>
/// <param name="FileNumber">The server's number of it; 0 where that is not told.</param>
/// <param name="CachedVersion">The version that the kernel may have pages of; null if it has none.</param>
internal sealed record SmbState(uint ReparseTag, Client.Wire.SmbFileAttributes Attributes, ulong FileNumber, (ulong Size, Timestamp Written)? CachedVersion = null);
