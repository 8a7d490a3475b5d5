using System.Buffers.Text;

namespace Kaleidofs.Drivers.Git.Lfs;

/// <summary>What stands in the repository for a file that Git LFS keeps elsewhere.</summary>
/// <param name="Digest">SHA-256 of the content, in hexadecimal.</param>
/// <param name="Size">The content's bytes.</param>
internal sealed record LfsPointer(string Digest, long Size)
{
    /// <summary>No pointer is shorter or longer.</summary>
    public const int MinLength = 100;
    public const int MaxLength = 1023;

    private const int DigestLength = 64;

    /// <summary>The pointer that a file is, or null: version first, then keys in their order, a line each.</summary>
    public static LfsPointer? Parse(ReadOnlySpan<byte> text)
    {
        if (text.Length is < MinLength or > MaxLength || !text.StartsWith("version https://git-lfs.github.com/spec/v1\n"u8) || text[^1] != '\n')
        {
            return null;
        }
        string? digest = null;
        long size = -1;
        foreach (Range range in text.Split((byte)'\n'))
        {
            ReadOnlySpan<byte> line = text[range];
            if (line.StartsWith("oid sha256:"u8))
            {
                ReadOnlySpan<byte> digits = line["oid sha256:"u8.Length..];
                digest = IsDigest(digits) ? System.Text.Encoding.ASCII.GetString(digits) : null;
            }
            else if (line.StartsWith("size "u8))
            {
                size = Utf8Parser.TryParse(line["size "u8.Length..], out long value, out int used) && used == line.Length - "size "u8.Length ? value : -1;
            }
        }
        return digest is not null && size >= 0 ? new LfsPointer(digest, size) : null;
    }

    private static bool IsDigest(ReadOnlySpan<byte> digits)
    {
        foreach (byte digit in digits)
        {
            if (!char.IsAsciiHexDigitLower((char)digit))
            {
                return false;
            }
        }
        return digits.Length == DigestLength;
    }
}
