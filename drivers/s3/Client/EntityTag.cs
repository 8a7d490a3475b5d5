using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Kaleidofs.Drivers.S3.Client;

/// <summary>Entity tags as S3 makes them of what it is sent, unless it encrypts with other keys than its own.</summary>
[SuppressMessage("Security", "CA5351:Do Not Use Broken Cryptographic Algorithms", Justification = "It is the protocol's.")]
internal static class EntityTag
{
    /// <summary>An entity tag as other answers have it: some servers quote it only sometimes.</summary>
    public static string Unquote(string? etag) => etag?.Trim('"') ?? "";

    /// <summary>Of an object that was sent whole.</summary>
    public static async Task<string> OfAsync(Stream content, CancellationToken cancellationToken)
        => Convert.ToHexStringLower(await MD5.HashDataAsync(content, cancellationToken).ConfigureAwait(false));

    /// <summary>Of an object that was sent in parts: the MD5 of theirs, and their number. Empty if they have none.</summary>
    public static string OfParts(IReadOnlyList<string> parts)
    {
        string digests = string.Concat(parts.Select(Unquote));
        return digests.Length == parts.Count * 32 && digests.All(char.IsAsciiHexDigit)
            ? $"{Convert.ToHexStringLower(MD5.HashData(Convert.FromHexString(digests)))}-{parts.Count}"
            : "";
    }
}
