using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Kaleidofs.Drivers.S3.Keys;

/// <summary>
/// Shows a component of a key, which is what stands between two slashes, as the name of a file, and finds the component of a name.
/// Nearly all are the same. What is no legal name, or would be that of two things, has sequences <c>=s3:CODE=</c> in it.
/// </summary>
internal static class KeyName
{
    /// <summary>What ends the name of an object whose name a directory has, too.</summary>
    public const string FileMark = "=s3:file=";

    private const string Mark = "=s3:";
    private const string Empty = "=s3:empty=";
    private const string Dot = "=s3:dot=";
    private const string DotDot = "=s3:dotdot=";
    private const string Nul = "=s3:nul=";
    private const string Self = "=s3:self=";
    private const string Long = "=s3:long-";

    /// <summary>Bytes of the SHA-256 that tells long names with one beginning apart.</summary>
    private const int DigestLength = 16;

    /// <summary>Of a component that is too long so many bytes are shown, with whatever they become.</summary>
    private const int HeadLength = 128;

    private static readonly SearchValues<string> Odd = SearchValues.Create([Mark, "\0"], StringComparison.Ordinal);
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The name of a component.</summary>
    /// <param name="component">The component.</param>
    /// <param name="isMarked">Whether it is an object's, beside a directory of the same name.</param>
    public static byte[] Encode(string component, bool isMarked = false)
    {
        string text = component switch
        {
            "" => Empty,
            "." => Dot,
            ".." => DotDot,
            _ => component.AsSpan().ContainsAny(Odd) ? Escape(component) : component,
        };
        if (isMarked)
        {
            text += FileMark;
        }
        byte[] name = Encoding.UTF8.GetBytes(text);
        return name.Length <= FileSystem.MaxNameLength ? name : Shorten(component, isMarked);
    }

    /// <summary>The component that a name stands for.</summary>
    /// <returns>Whether there is one, and this is how it is shown. Of a shortened name only the beginning comes out.</returns>
    public static bool TryDecode(ReadOnlySpan<byte> name, out DecodedName decoded)
    {
        decoded = default;
        string text;
        try
        {
            text = Strict.GetString(name);
        }
        catch (ArgumentException)
        {
            return false;
        }
        if (!text.Contains(Mark, StringComparison.Ordinal))
        {
            decoded = new DecodedName(text, IsMarked: false, Digest: null);
            return true;
        }
        bool isMarked = text.EndsWith(FileMark, StringComparison.Ordinal);
        string rest = isMarked ? text[..^FileMark.Length] : text;
        if (rest.LastIndexOf(Long, StringComparison.Ordinal) is var at and >= 0 && rest[^1] == '=' && rest.Length - at - Long.Length - 1 == DigestLength * 2)
        {
            string digest = rest[(at + Long.Length)..^1];
            decoded = new DecodedName(Restore(rest[..at]), isMarked, digest);
            return digest.All(char.IsAsciiHexDigitLower);
        }
        decoded = new DecodedName(rest switch { Empty => "", Dot => ".", DotDot => "..", _ => Restore(rest) }, isMarked, Digest: null);
        return Encode(decoded.Component, isMarked).AsSpan().SequenceEqual(name);
    }

    private static string Escape(string text) => text.Replace(Mark, Self, StringComparison.Ordinal).Replace("\0", Nul, StringComparison.Ordinal);

    private static string Restore(string text) => text.Replace(Nul, "\0", StringComparison.Ordinal).Replace(Self, Mark, StringComparison.Ordinal);

    private static byte[] Shorten(string component, bool isMarked)
    {
        string digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(component)).AsSpan(0, DigestLength));
        int length = Math.Min(component.Length, HeadLength);
        string head;
        do
        {
            if (char.IsHighSurrogate(component[length - 1]))
            {
                length--;
            }
            head = Escape(component[..length]);
            length = length * 3 / 4;
        }
        while (Encoding.UTF8.GetByteCount(head) > HeadLength);
        return Encoding.UTF8.GetBytes($"{head}{Long}{digest}={(isMarked ? FileMark : "")}");
    }
}
