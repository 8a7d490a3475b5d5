namespace Kaleidofs.Drivers.S3.Client;

/// <summary>What tells the bytes that a key has from others that it had or will have.</summary>
/// <param name="ETag">The entity tag, without quotes.</param>
/// <param name="Modified">When it was put, in seconds since 1970: some answers tell no more.</param>
internal readonly record struct ObjectVersion(string ETag, long Modified);
