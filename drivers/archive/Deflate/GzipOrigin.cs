using System.Buffers.Binary;

namespace Kaleidofs.Drivers.Archive.Deflate;

/// <summary>What the header of a gzip member says of the file that was compressed (RFC 1952, 2.3.1).</summary>
/// <param name="Name">Its name; empty if it is not told, or no name that a file can have.</param>
/// <param name="ModificationTime">When it was changed; null if that is not told.</param>
internal readonly record struct GzipOrigin(byte[] Name, Timestamp? ModificationTime)
{
    private const int FixedLength = 10;
    private const byte HasExtra = 4;
    private const byte HasName = 8;
    private const byte Space = 0x20;
    private const byte Delete = 0x7F;

    /// <summary>Reads it from the first bytes of a file.</summary>
    public static GzipOrigin Read(ReadOnlySpan<byte> head)
    {
        if (head.Length < FixedLength || !head.StartsWith(GzipHeader.Magic))
        {
            return new GzipOrigin([], null);
        }
        uint time = BinaryPrimitives.ReadUInt32LittleEndian(head[4..]);
        return new GzipOrigin(ReadName(head), time == 0 ? null : new Timestamp(time));
    }

    private static byte[] ReadName(ReadOnlySpan<byte> head)
    {
        byte flags = head[3];
        ReadOnlySpan<byte> rest = head[FixedLength..];
        if ((flags & HasExtra) != 0 && rest.Length >= sizeof(ushort))
        {
            int length = sizeof(ushort) + BinaryPrimitives.ReadUInt16LittleEndian(rest);
            rest = length < rest.Length ? rest[length..] : [];
        }
        int end = (flags & HasName) != 0 ? rest.IndexOf((byte)0) : -1;
        return end > 0 && IsName(rest[..end]) ? rest[..end].ToArray() : [];
    }

    private static bool IsName(ReadOnlySpan<byte> name)
        => name.Length <= FileSystem.MaxNameLength && !name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8)
            && !name.Contains((byte)'/') && !name.ContainsAnyInRange((byte)0, (byte)(Space - 1)) && !name.Contains(Delete);
}
