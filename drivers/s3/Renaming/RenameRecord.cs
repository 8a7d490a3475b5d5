namespace Kaleidofs.Drivers.S3.Renaming;

/// <summary>The first line of a noted rename.</summary>
/// <param name="Endpoint">The server.</param>
/// <param name="Bucket">The bucket.</param>
/// <param name="From">What the keys began with.</param>
/// <param name="To">What they are to begin with.</param>
internal sealed record RenameRecord(string Endpoint, string Bucket, string From, string To);
