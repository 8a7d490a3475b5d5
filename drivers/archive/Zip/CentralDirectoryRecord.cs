using System.Buffers.Binary;

namespace Kaleidofs.Drivers.Archive.Zip;

/// <summary>A central directory header (APPNOTE 4.3.12), where the reader's buffer has it.</summary>
internal readonly ref struct CentralDirectoryRecord
{
    private readonly ReadOnlySpan<byte> _record;

    /// <param name="record">All of it, its signature checked.</param>
    /// <param name="offset">Where it stands, from the central directory's beginning.</param>
    public CentralDirectoryRecord(ReadOnlySpan<byte> record, long offset)
    {
        _record = record;
        Offset = offset;
    }

    public long Offset { get; }

    /// <summary>The record as it stands in the archive.</summary>
    public ReadOnlySpan<byte> Bytes => _record;

    public byte Host => _record[5];
    public ushort Flags => U16(8);
    public ushort Method => U16(10);
    public ushort DosTime => U16(12);
    public ushort DosDate => U16(14);
    public uint Crc => U32(16);
    public uint CompressedSize32 => U32(20);
    public uint Size32 => U32(24);
    public uint ExternalAttributes => U32(38);
    public uint HeaderOffset32 => U32(42);

    /// <summary>The volume that its local header is in, counted from 0.</summary>
    public uint GetVolume()
    {
        if (U16(34) != ushort.MaxValue || !ZipExtraFields.TryFind(Extra, ZipExtraFields.Zip64, out ReadOnlySpan<byte> zip64))
        {
            return U16(34);
        }
        // Behind the numbers that stand there, too.
        int numbers = (Size32 == ZipFormat.InZip64 ? 1 : 0) + (CompressedSize32 == ZipFormat.InZip64 ? 1 : 0) + (HeaderOffset32 == ZipFormat.InZip64 ? 1 : 0);
        return zip64.Length >= (numbers * sizeof(long)) + sizeof(uint) ? BinaryPrimitives.ReadUInt32LittleEndian(zip64[(numbers * sizeof(long))..]) : ushort.MaxValue;
    }

    public ReadOnlySpan<byte> Name => _record.Slice(ZipFormat.CentralHeaderLength, U16(28));

    public ReadOnlySpan<byte> Extra => _record.Slice(ZipFormat.CentralHeaderLength + U16(28), U16(30));

    /// <summary>The length of a record by its fixed part.</summary>
    public static int GetLength(ReadOnlySpan<byte> header)
        => ZipFormat.CentralHeaderLength
            + BinaryPrimitives.ReadUInt16LittleEndian(header[28..])
            + BinaryPrimitives.ReadUInt16LittleEndian(header[30..])
            + BinaryPrimitives.ReadUInt16LittleEndian(header[32..]);

    /// <summary>The sizes and the local header's place, from the zip64 field where the record refers to it; false if that lacks them or they overflow.</summary>
    public bool TryGetSizes(out long size, out long compressedSize, out long headerOffset)
    {
        ulong wideSize = Size32;
        ulong wideCompressed = CompressedSize32;
        ulong wideOffset = HeaderOffset32;
        bool isGood = true;
        if (wideSize == ZipFormat.InZip64 || wideCompressed == ZipFormat.InZip64 || wideOffset == ZipFormat.InZip64)
        {
            // In this order, each only if its 32-bit field refers to it (4.5.3). Without the field the numbers mean themselves.
            if (ZipExtraFields.TryFind(Extra, ZipExtraFields.Zip64, out ReadOnlySpan<byte> zip64))
            {
                isGood = ZipExtraFields.Count(Extra, ZipExtraFields.Zip64) == 1 && Take(ref zip64, ref wideSize) & Take(ref zip64, ref wideCompressed) & Take(ref zip64, ref wideOffset);
            }
        }
        size = (long)wideSize;
        compressedSize = (long)wideCompressed;
        headerOffset = (long)wideOffset;
        return isGood && size >= 0 && compressedSize >= 0 && headerOffset >= 0;
    }

    private static bool Take(ref ReadOnlySpan<byte> field, ref ulong value)
    {
        if (value != ZipFormat.InZip64)
        {
            return true;
        }
        if (!BinaryPrimitives.TryReadUInt64LittleEndian(field, out value))
        {
            return false;
        }
        field = field[sizeof(ulong)..];
        return true;
    }

    private ushort U16(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(_record[offset..]);

    private uint U32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(_record[offset..]);
}
