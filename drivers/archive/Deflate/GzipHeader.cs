using System.Buffers.Binary;

namespace Kaleidofs.Drivers.Archive.Deflate;

/// <summary>The header of a gzip member (RFC 1952, 2.3).</summary>
internal static class GzipHeader
{
    private const int FixedLength = 10;
    private const byte HasCrc = 2;
    private const byte HasExtra = 4;
    private const byte HasName = 8;
    private const byte HasComment = 16;
    private const byte Reserved = 0xE0;

    /// <summary>Names and comments end with a NUL that a hostile file may not have: read no further than this.</summary>
    private const int MaxText = 64 << 10;

    /// <summary>The first bytes of a member: magic and method.</summary>
    public static ReadOnlySpan<byte> Magic => [0x1F, 0x8B, 8];

    /// <summary>Whether a member begins here.</summary>
    public static bool IsAt(ByteSource file, long position, long end)
    {
        Span<byte> head = stackalloc byte[Magic.Length];
        return end - position >= FixedLength && file.TryRead(position, head) && head.SequenceEqual(Magic);
    }

    /// <summary>Finds where the deflated data begins.</summary>
    public static bool TryRead(ByteSource file, long position, long end, out long dataStart)
    {
        dataStart = position + FixedLength;
        Span<byte> head = stackalloc byte[FixedLength];
        if (dataStart > end || !file.TryRead(position, head) || !head.StartsWith(Magic) || (head[3] & Reserved) != 0)
        {
            return false;
        }
        byte flags = head[3];
        if ((flags & HasExtra) != 0)
        {
            Span<byte> length = stackalloc byte[sizeof(ushort)];
            if (dataStart + length.Length > end || !file.TryRead(dataStart, length))
            {
                return false;
            }
            dataStart += length.Length + BinaryPrimitives.ReadUInt16LittleEndian(length);
        }
        if (((flags & HasName) != 0 && !TrySkipText(file, ref dataStart, end)) || ((flags & HasComment) != 0 && !TrySkipText(file, ref dataStart, end)))
        {
            return false;
        }
        dataStart += (flags & HasCrc) != 0 ? sizeof(ushort) : 0;
        return dataStart <= end;
    }

    private static bool TrySkipText(ByteSource file, ref long position, long end)
    {
        Span<byte> buffer = stackalloc byte[256];
        for (int skipped = 0; skipped < MaxText; skipped += buffer.Length)
        {
            int length = (int)Math.Min(buffer.Length, end - position);
            if (length <= 0 || !file.TryRead(position, buffer[..length]))
            {
                return false;
            }
            int terminator = buffer[..length].IndexOf((byte)0);
            position += terminator < 0 ? length : terminator + 1;
            if (terminator >= 0)
            {
                return true;
            }
        }
        return false;
    }
}
