namespace Kaleidofs.Drivers.S3.Client;

/// <summary>What a HEAD tells of an object.</summary>
/// <param name="Size">Its length in bytes.</param>
/// <param name="Version">Which bytes it has.</param>
/// <param name="Metadata">The user's metadata, without <c>x-amz-meta-</c>; names in any case are the same.</param>
/// <param name="ContentType">Its media type, which a copy must be told.</param>
internal sealed record ObjectHead(long Size, ObjectVersion Version, IReadOnlyDictionary<string, string> Metadata, string? ContentType);
