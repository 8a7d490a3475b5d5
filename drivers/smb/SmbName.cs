using System.Text;

namespace Kaleidofs.Drivers.Smb;

/// <summary>
/// Names on the wire. Characters that SMB forbids in names, and a dot or a space at the end, stand in Unicode's private area, as the services for
/// Macintosh began it and the kernel's client (mapposix) has it.
/// </summary>
internal static class SmbName
{
    private const string Forbidden = "\"*:<>?\\|";
    private const string Mapped = "\uF020\uF021\uF022\uF023\uF024\uF025\uF026\uF027";
    private const char LastSpace = '\uF028';
    private const char LastDot = '\uF029';
    private const char Controls = '\uF000';

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);
    private static readonly UnicodeEncoding StrictWide = new(bigEndian: false, byteOrderMark: false, throwOnInvalidBytes: true);

    /// <summary>A name as the server has it; null for what cannot be one (no UTF-8, or a character of the area that is mapped to).</summary>
    public static string? TryEncode(ReadOnlySpan<byte> name)
    {
        string text;
        try
        {
            text = Strict.GetString(name);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
        char[] encoded = text.ToCharArray();
        for (int at = 0; at < encoded.Length; at++)
        {
            char character = encoded[at];
            if (IsMapped(character))
            {
                return null;
            }
            int forbidden = Forbidden.IndexOf(character, StringComparison.Ordinal);
            bool isLast = at == encoded.Length - 1;
            encoded[at] = forbidden >= 0 ? Mapped[forbidden]
                : character < ' ' ? (char)(Controls + character)
                : isLast && character == ' ' ? LastSpace
                : isLast && character == '.' ? LastDot
                : character;
        }
        return new string(encoded);
    }

    /// <summary>A server's name as it is shown; null for what cannot be shown (halves of surrogate pairs, slashes, or too long).</summary>
    public static byte[]? TryDecode(ReadOnlySpan<byte> wide)
    {
        string text;
        try
        {
            text = StrictWide.GetString(wide);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
        char[] decoded = text.ToCharArray();
        for (int at = 0; at < decoded.Length; at++)
        {
            char character = decoded[at];
            int mapped = Mapped.IndexOf(character, StringComparison.Ordinal);
            decoded[at] = mapped >= 0 ? Forbidden[mapped]
                : character == LastSpace ? ' '
                : character == LastDot ? '.'
                : character is > Controls and < (char)(Controls + ' ') ? (char)(character - Controls)
                : character;
        }
        byte[] name = Encoding.UTF8.GetBytes(decoded);
        bool isName = name.Length is > 0 and <= FileSystem.MaxNameLength && !name.AsSpan().ContainsAny((byte)'/', (byte)0) && !name.AsSpan().SequenceEqual("."u8) && !name.AsSpan().SequenceEqual(".."u8);
        // What another name is shown as must not be shown as it, too.
        return isName && TryEncode(name) is { } back && back.AsSpan().SequenceEqual(text) ? name : null;
    }

    private static bool IsMapped(char character) => character is > Controls and <= LastDot && (character < Controls + ' ' || character >= Mapped[0]);
}
