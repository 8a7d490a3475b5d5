using System.Buffers;

namespace Kaleidofs.Drivers.S3;

/// <summary>A bucket, and what keys must begin with to be shown.</summary>
/// <param name="Bucket">The bucket's name.</param>
/// <param name="Prefix">Empty, or ends with a slash.</param>
internal sealed record S3Address(string Bucket, string Prefix)
{
    private static readonly SearchValues<char> NotInNames = SearchValues.Create(" ?#%@:");

    /// <summary>Understands <c>//bucket/prefix</c>.</summary>
    /// <exception cref="SourceException">It is something else.</exception>
    public static S3Address Parse(string source)
    {
        string[] parts = source.StartsWith("//", StringComparison.Ordinal) ? source[2..].Split('/', 2) : [];
        if (parts is not [{ Length: > 0 } bucket, ..] || bucket.AsSpan().ContainsAny(NotInNames))
        {
            throw new SourceException($"s3:{source}: no bucket in it; write s3://BUCKET or s3://BUCKET/PREFIX") { IsUsageError = true };
        }
        string prefix = parts.Length == 2 ? parts[1].TrimEnd('/') : "";
        return new S3Address(bucket, prefix.Length == 0 ? "" : prefix + "/");
    }

    /// <inheritdoc/>
    public override string ToString() => $"s3://{Bucket}/{Prefix}";
}
