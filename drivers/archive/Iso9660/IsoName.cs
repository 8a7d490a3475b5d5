using System.Buffers.Binary;
using System.Text;

namespace Kaleidofs.Drivers.Archive.Iso9660;

/// <summary>Identifiers as names: without the version, and without the dot before an extension that is not there.</summary>
internal static class IsoName
{
    /// <summary>The name of a plain identifier.</summary>
    public static ReadOnlySpan<byte> Read(ReadOnlySpan<byte> identifier)
    {
        int version = identifier.LastIndexOf((byte)';');
        ReadOnlySpan<byte> name = version > 0 ? identifier[..version] : identifier;
        return name.Length > 1 && name[^1] == '.' ? name[..^1] : name;
    }

    /// <summary>The name of one in UCS-2; a half of a pair that stands alone becomes U+FFFD.</summary>
    public static byte[] ReadJoliet(ReadOnlySpan<byte> identifier)
    {
        Span<char> text = stackalloc char[identifier.Length / sizeof(char)];
        for (int i = 0; i < text.Length; i++)
        {
            text[i] = (char)BinaryPrimitives.ReadUInt16BigEndian(identifier[(i * sizeof(char))..]);
        }
        byte[] name = Encoding.UTF8.GetBytes(text.ToString());
        return Read(name).ToArray();
    }

    /// <summary>Whether a directory's entry can have this name.</summary>
    public static bool IsGood(ReadOnlySpan<byte> name)
        => name.Length is > 0 and <= FileSystem.MaxNameLength && !name.ContainsAny((byte)'/', (byte)0) && !name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8);
}
