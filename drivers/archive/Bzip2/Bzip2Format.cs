using System.Buffers.Binary;

namespace Kaleidofs.Drivers.Archive.Bzip2;

/// <summary>What stands between the blocks of bzip2, which begin at any bit.</summary>
internal static class Bzip2Format
{
    /// <summary>"BZh" and the level.</summary>
    public const int HeaderLength = 4;

    /// <summary>What a block begins with.</summary>
    public const ulong BlockMagic = 0x314159265359;

    /// <summary>What stands behind the last block.</summary>
    public const ulong EndMagic = 0x177245385090;

    /// <summary>Both have so many bits, and a checksum behind them.</summary>
    public const int MagicBits = 48;

    /// <summary>Of magic and checksum together.</summary>
    public const int MarkBits = MagicBits + 32;

    public const int MinLevel = 1;
    public const int MaxLevel = 9;

    public static ReadOnlySpan<byte> Magic => "BZh"u8;

    /// <summary>Reads the header of a stream.</summary>
    public static bool TryReadHeader(ReadOnlySpan<byte> head, out int level)
    {
        level = 0;
        if (head.Length < HeaderLength || !head.StartsWith(Magic) || head[3] is < (byte)'1' or > (byte)'9')
        {
            return false;
        }
        level = head[3] - '0';
        return true;
    }

    public static void WriteHeader(Span<byte> header, int level)
    {
        Magic.CopyTo(header);
        header[3] = (byte)('0' + level);
    }

    /// <summary>Reads bits, the highest first.</summary>
    public static ulong ReadBits(ReadOnlySpan<byte> bytes, int start, int count)
    {
        UInt128 value = 0;
        int end = start + count;
        for (int i = start / 8; i < (end + 7) / 8; i++)
        {
            value = (value << 8) | bytes[i];
        }
        return (ulong)(value >> (-end & 7)) & (ulong.MaxValue >> (64 - count));
    }

    /// <summary>Whether a block's magic stands behind a stream's header.</summary>
    public static bool BeginsBlock(ReadOnlySpan<byte> bytes)
    {
        Span<byte> wide = stackalloc byte[sizeof(ulong)];
        bytes[..(MagicBits / 8)].CopyTo(wide[2..]);
        return BinaryPrimitives.ReadUInt64BigEndian(wide) is BlockMagic or EndMagic;
    }
}
