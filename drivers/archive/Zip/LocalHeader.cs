using System.Buffers.Binary;
using Kaleidofs.Drivers.Archive.Zip.Encryption;

namespace Kaleidofs.Drivers.Archive.Zip;

/// <summary>A local file header (APPNOTE 4.3.7) with its name; whether its extra field is there, its reader knows.</summary>
internal readonly ref struct LocalHeader(ReadOnlySpan<byte> header)
{
    private readonly ReadOnlySpan<byte> _header = header;

    /// <summary>The whole header's length.</summary>
    public int Length => ZipFormat.LocalHeaderLength + NameLength + ExtraLength;

    public int ExtraLength => U16(28);

    /// <summary>Whether the sizes stand in its zip64 field, and not in a descriptor behind the data.</summary>
    public bool RefersToZip64 => !HasDescriptor && (CompressedSize32 == ZipFormat.InZip64 || Size32 == ZipFormat.InZip64);

    /// <summary>Whether checksum and sizes stand behind the data.</summary>
    public bool HasDescriptor => (U16(6) & ZipFormat.HasDescriptor) != 0;
    /// <summary>The extra field.</summary>
    public ReadOnlySpan<byte> Extra => _header[(ZipFormat.LocalHeaderLength + NameLength)..Length];

    private ReadOnlySpan<byte> Name => _header.Slice(ZipFormat.LocalHeaderLength, NameLength);
    private ushort Method => U16(8);
    private uint Crc => U32(14);
    private uint CompressedSize32 => U32(18);
    private uint Size32 => U32(22);
    private int NameLength => U16(26);

    /// <summary>
    /// Whether it says what the central directory says of the same entry: name, method, encryption, and unless they follow
    /// the data, checksum and sizes.
    /// </summary>
    public bool Agrees(in CentralDirectoryRecord record, long size, long compressedSize)
    {
        const int CheckedFlags = ZipFormat.Encrypted | ZipFormat.StronglyEncrypted | ZipFormat.MaskedHeaders;
        if (U32(0) != ZipFormat.LocalHeaderSignature
            || NameLength != record.Name.Length
            || !Name.SequenceEqual(record.Name)
            || Method != record.Method
            || (U16(6) & CheckedFlags) != (record.Flags & CheckedFlags))
        {
            return false;
        }
        if (HasDescriptor)
        {
            // Nothing yet, or already what the descriptor has.
            return (Crc == 0 || Crc == record.Crc)
                && (CompressedSize32 is 0 or ZipFormat.InZip64 || CompressedSize32 == compressedSize)
                && (Size32 is 0 or ZipFormat.InZip64 || Size32 == size);
        }
        return Crc == record.Crc
            && (RefersToZip64 || (CompressedSize32 == compressedSize && Size32 == size));
    }

    /// <summary>Whether its extra field says what the central directory's says of name, encryption and sizes, where it says anything of them.</summary>
    public bool AgreesInExtra(in CentralDirectoryRecord record, long size, long compressedSize)
    {
        if (ZipExtraFields.Count(Extra, ZipExtraFields.Zip64) > 1 || (RefersToZip64 && !AgreesInZip64(Extra, size, compressedSize)))
        {
            return false;
        }
        if (ZipExtraFields.TryGetUnicodePath(Extra, Name, out ReadOnlySpan<byte> path)
            && !(ZipExtraFields.TryGetUnicodePath(record.Extra, record.Name, out ReadOnlySpan<byte> recordPath) && path.SequenceEqual(recordPath)))
        {
            return false;
        }
        return record.Method != ZipFormat.Aes
            || (ZipExtraFields.TryFindOnly(Extra, AesField.Id, out ReadOnlySpan<byte> aes)
                && ZipExtraFields.TryFindOnly(record.Extra, AesField.Id, out ReadOnlySpan<byte> recordAes)
                && aes.SequenceEqual(recordAes));
    }

    /// <summary>Whether the sizes in its zip64 field (both, by 4.5.3) are these.</summary>
    private bool AgreesInZip64(ReadOnlySpan<byte> extra, long size, long compressedSize)
    {
        if (!ZipExtraFields.TryFind(extra, ZipExtraFields.Zip64, out ReadOnlySpan<byte> field))
        {
            return Size32 == size && CompressedSize32 == compressedSize;
        }
        long told = Size32;
        long toldCompressed = CompressedSize32;
        if (Size32 == ZipFormat.InZip64)
        {
            if (!BinaryPrimitives.TryReadInt64LittleEndian(field, out told))
            {
                return false;
            }
            field = field[sizeof(long)..];
        }
        if (CompressedSize32 == ZipFormat.InZip64 && !BinaryPrimitives.TryReadInt64LittleEndian(field, out toldCompressed))
        {
            return false;
        }
        return told == size && toldCompressed == compressedSize;
    }

    private ushort U16(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(_header[offset..]);

    private uint U32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(_header[offset..]);
}
