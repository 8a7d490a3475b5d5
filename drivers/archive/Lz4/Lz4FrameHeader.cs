using System.Numerics;

namespace Kaleidofs.Drivers.Archive.Lz4;

/// <summary>What the header of a frame says (LZ4 Frame Format 1.6.1).</summary>
/// <param name="Flags">The byte FLG.</param>
/// <param name="BlockLengths">The byte BD.</param>
internal readonly record struct Lz4FrameHeader(byte Flags, byte BlockLengths)
{
    /// <summary>Magic and flags: what tells the length of all.</summary>
    public const int FixedLength = 6;

    /// <summary>The header of a frame that tells neither its size nor a dictionary.</summary>
    public const int ShortLength = 7;

    private const byte VersionMask = 0xC0;
    private const byte Version = 0x40;
    private const byte IndependentBlocks = 0x20;
    private const byte BlockChecksums = 0x10;
    private const byte ContentLength = 8;
    private const byte ContentChecksum = 4;
    private const byte Dictionary = 1;

    /// <summary>The first bytes of a frame.</summary>
    public static ReadOnlySpan<byte> Magic => [0x04, 0x22, 0x4D, 0x18];

    /// <summary>The length of the header.</summary>
    public int Length => ShortLength + ((Flags & ContentLength) != 0 ? sizeof(ulong) : 0) + ((Flags & Dictionary) != 0 ? sizeof(uint) : 0);

    /// <summary>Whether a decoder can begin at any block.</summary>
    public bool HasIndependentBlocks => (Flags & (IndependentBlocks | Dictionary)) == IndependentBlocks;

    /// <summary>The length of what stands behind each block.</summary>
    public int BlockChecksumLength => (Flags & BlockChecksums) != 0 ? sizeof(uint) : 0;

    /// <summary>The length of what stands behind the last.</summary>
    public int ContentChecksumLength => (Flags & ContentChecksum) != 0 ? sizeof(uint) : 0;

    /// <summary>Reads the beginning of a header; the library checks all of it.</summary>
    public static bool TryRead(ReadOnlySpan<byte> head, out Lz4FrameHeader header)
    {
        header = head.Length >= FixedLength ? new Lz4FrameHeader(head[4], head[5]) : default;
        return head.StartsWith(Magic) && (header.Flags & VersionMask) == Version;
    }

    /// <summary>Makes the header of a frame that begins with one of this frame's blocks: it can know neither the size nor the checksum of all.</summary>
    public void WriteForBlock(Span<byte> header)
    {
        Magic.CopyTo(header);
        header[4] = (byte)(Flags & (VersionMask | IndependentBlocks | BlockChecksums));
        header[5] = BlockLengths;
        header[6] = (byte)(Hash(header[4..6]) >> 8);
    }

    /// <summary>XXH32 of fewer than four bytes.</summary>
    private static uint Hash(ReadOnlySpan<byte> bytes)
    {
        const uint Prime1 = 2654435761;
        const uint Prime2 = 2246822519;
        const uint Prime3 = 3266489917;
        const uint Prime5 = 374761393;
        uint hash = Prime5 + (uint)bytes.Length;
        foreach (byte value in bytes)
        {
            hash = BitOperations.RotateLeft(hash + (value * Prime5), 11) * Prime1;
        }
        hash = (hash ^ (hash >> 15)) * Prime2;
        hash = (hash ^ (hash >> 13)) * Prime3;
        return hash ^ (hash >> 16);
    }
}
