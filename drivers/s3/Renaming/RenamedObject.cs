namespace Kaleidofs.Drivers.S3.Renaming;

/// <summary>A line for an object that is renamed.</summary>
/// <param name="Rest">Its key behind the prefix.</param>
/// <param name="ETag">The version that is copied.</param>
/// <param name="Size">Its length in bytes.</param>
/// <param name="Copy">The copy's entity tag; null until it is made.</param>
internal sealed record RenamedObject(string Rest, string ETag, long Size, string? Copy);
