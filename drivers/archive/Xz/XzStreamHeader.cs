using System.Buffers.Binary;
using Kaleidofs.Drivers.Archive.Deflate;

namespace Kaleidofs.Drivers.Archive.Xz;

/// <summary>What the header of a stream says, and its footer once more (The .xz File Format, 2.1.1).</summary>
/// <param name="Check">The type of the blocks' checks.</param>
internal readonly record struct XzStreamHeader(int Check)
{
    /// <summary>Of the header and of the footer.</summary>
    public const int Length = 12;

    /// <summary>The last of the types of checks that there can be.</summary>
    public const byte MaxCheck = 15;

    private const int FlagsLength = 2;

    /// <summary>The first bytes of a stream.</summary>
    public static ReadOnlySpan<byte> Magic => [0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0];

    private static ReadOnlySpan<byte> FooterMagic => "YZ"u8;

    /// <summary>Reads a header.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out XzStreamHeader header)
    {
        ReadOnlySpan<byte> flags = bytes.Slice(Magic.Length, FlagsLength);
        header = new XzStreamHeader(flags[1]);
        return bytes.StartsWith(Magic) && flags[0] == 0 && flags[1] <= MaxCheck
            && BinaryPrimitives.ReadUInt32LittleEndian(bytes[(Magic.Length + FlagsLength)..]) == Crc32.Append(0, flags);
    }

    /// <summary>Whether a footer belongs to this header and to an index of this length.</summary>
    public bool Agrees(ReadOnlySpan<byte> footer, long indexLength)
    {
        ReadOnlySpan<byte> content = footer[sizeof(uint)..^FooterMagic.Length];
        return footer.EndsWith(FooterMagic) && BinaryPrimitives.ReadUInt32LittleEndian(footer) == Crc32.Append(0, content)
            && (BinaryPrimitives.ReadUInt32LittleEndian(content) + 1L) * sizeof(uint) == indexLength
            && content[^FlagsLength] == 0 && content[^1] == Check;
    }
}
