namespace Kaleidofs.Drivers.S3.Keys;

/// <summary>What a file's name says of a key.</summary>
/// <param name="Component">The component of the key, or its beginning.</param>
/// <param name="IsMarked">It is an object beside a directory of that name.</param>
/// <param name="Digest">Of a component that is too long to be shown: what its SHA-256 begins with, in hexadecimal.</param>
internal readonly record struct DecodedName(string Component, bool IsMarked, string? Digest);
