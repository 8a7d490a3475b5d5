namespace Kaleidofs.Drivers.S3.Client;

/// <summary>What a listing tells of an object.</summary>
/// <param name="Key">The key.</param>
/// <param name="Size">Its length in bytes.</param>
/// <param name="Version">Which bytes it has.</param>
internal readonly record struct ListedObject(string Key, long Size, ObjectVersion Version);
