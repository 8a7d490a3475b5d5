namespace Kaleidofs.Drivers.S3.Client;

/// <summary>What a HEAD tells of an object.</summary>
/// <param name="Size">Its length in bytes.</param>
/// <param name="Version">Which bytes it has.</param>
/// <param name="Metadata">The user's metadata, names in lower case and without <c>x-amz-meta-</c>.</param>
internal sealed record ObjectHead(long Size, ObjectVersion Version, IReadOnlyDictionary<string, string> Metadata);
