namespace Kaleidofs.Drivers.S3.Client;

/// <summary>What tells the bytes that a key has from others that it had or will have.</summary>
/// <param name="ETag">The entity tag, without quotes.</param>
/// <param name="Modified">When it was put, in seconds since 1970: some answers tell no more. <see cref="NotTold"/> after a PUT, whose answer has no time.</param>
internal readonly record struct ObjectVersion(string ETag, long Modified)
{
    /// <summary>Its number in a bucket that keeps versions; null for the newest.</summary>
    public string? Id { get; init; }

    /// <summary>A time that was not told.</summary>
    public const long NotTold = -1;

    /// <summary>Whether it is the same version, as far as both tell.</summary>
    public bool IsSame(ObjectVersion other) => ETag == other.ETag && (Modified == other.Modified || Modified == NotTold || other.Modified == NotTold);
}
