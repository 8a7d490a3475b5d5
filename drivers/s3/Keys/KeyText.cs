using System.Text;

namespace Kaleidofs.Drivers.S3.Keys;

/// <summary>How S3 writes and orders keys.</summary>
internal static class KeyText
{
    /// <summary>The longest key in bytes.</summary>
    public const int MaxLength = 1024;

    /// <summary>A key of a listing that was asked for with <c>encoding-type=url</c>, where a space may be a plus.</summary>
    public static string Decode(string encoded) => encoded.AsSpan().ContainsAny('%', '+') ? Uri.UnescapeDataString(encoded.Replace('+', ' ')) : encoded;

    /// <summary>The order of listings: by UTF-8 bytes, which differs from UTF-16's beyond U+D7FF.</summary>
    public static int Compare(string left, string right)
    {
        int at = left.AsSpan().CommonPrefixLength(right);
        if (at == left.Length || at == right.Length)
        {
            return left.Length - right.Length;
        }
        (char a, char b) = (left[at], right[at]);
        return char.IsSurrogate(a) == char.IsSurrogate(b) ? a - b
            : char.IsSurrogate(a) ? (b < 0xD800 ? a - b : 1)
            : a < 0xD800 ? a - b : -1;
    }

    /// <summary>The one of two keys that is listed later.</summary>
    public static string Later(string left, string right) => Compare(left, right) > 0 ? left : right;

    /// <summary>Whether a key is one that S3 can have.</summary>
    public static bool IsShortEnough(string key) => key.Length <= MaxLength && Encoding.UTF8.GetByteCount(key) <= MaxLength;
}
