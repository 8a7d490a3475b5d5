using System.Buffers.Binary;

namespace Kaleidofs.Caching;

/// <summary>What stands before each block in a source's file. Its checksum is seeded by the file's own, so that a frame of another source's file is none here.</summary>
/// <param name="Object">The file within the source.</param>
/// <param name="Index">The block within the file.</param>
/// <param name="Length">The content's length.</param>
/// <param name="StoredLength">How many bytes follow the header.</param>
/// <param name="IsCompressed">Whether they are compressed.</param>
/// <param name="ContentChecksum">The content's checksum, before it was compressed.</param>
internal readonly record struct FrameHeader(ulong Object, ulong Index, int Length, int StoredLength, bool IsCompressed, ulong ContentChecksum)
{
    public const int Size = 48;

    /// <summary>The longest content of a frame.</summary>
    public const int MaxLength = 1 << 20;

    private const uint Magic = 0x3142464B;
    private const int Checked = 40;

    public void Write(Span<byte> destination, ulong seed)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(destination, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(destination[4..], Length);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], Object);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[16..], Index);
        BinaryPrimitives.WriteInt32LittleEndian(destination[24..], StoredLength);
        BinaryPrimitives.WriteInt32LittleEndian(destination[28..], IsCompressed ? 1 : 0);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[32..], ContentChecksum);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[Checked..], Checksum.Compute(destination[..Checked], seed));
    }

    /// <summary>Reads a header; false if it is none, or damaged.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, ulong seed, out FrameHeader header)
    {
        header = default;
        if (source.Length < Size
            || BinaryPrimitives.ReadUInt32LittleEndian(source) != Magic
            || BinaryPrimitives.ReadUInt64LittleEndian(source[Checked..]) != Checksum.Compute(source[..Checked], seed))
        {
            return false;
        }
        header = new FrameHeader(
            BinaryPrimitives.ReadUInt64LittleEndian(source[8..]),
            BinaryPrimitives.ReadUInt64LittleEndian(source[16..]),
            BinaryPrimitives.ReadInt32LittleEndian(source[4..]),
            BinaryPrimitives.ReadInt32LittleEndian(source[24..]),
            BinaryPrimitives.ReadInt32LittleEndian(source[28..]) == 1,
            BinaryPrimitives.ReadUInt64LittleEndian(source[32..]));
        return header.Length is > 0 and <= MaxLength && header.StoredLength is > 0 and <= MaxLength;
    }
}
