namespace Kaleidofs.Drivers.S3.Client;

/// <summary>What must still be so at a key for it to be written.</summary>
/// <param name="ETag">It has this version; null if there must be nothing.</param>
internal readonly record struct Precondition(string? ETag);
