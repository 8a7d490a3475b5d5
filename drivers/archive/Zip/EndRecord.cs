using System.Buffers.Binary;

namespace Kaleidofs.Drivers.Archive.Zip;

/// <summary>Reads an end record with its zip64 one, and says where readers of different habits would find different central directories.</summary>
internal static class EndRecord
{
    /// <summary>Reads a record; false unless a central directory stands where it says.</summary>
    /// <param name="file">The archive.</param>
    /// <param name="record">The record.</param>
    /// <param name="position">Where it stands.</param>
    /// <param name="end">What it says.</param>
    /// <param name="conflict">What others would read in another way; null if nothing.</param>
    public static bool TryRead(ByteSource file, ReadOnlySpan<byte> record, long position, out EndOfCentralDirectory end, out string? conflict)
    {
        ushort disk = BinaryPrimitives.ReadUInt16LittleEndian(record[4..]);
        ushort startDisk = BinaryPrimitives.ReadUInt16LittleEndian(record[6..]);
        ushort countHere = BinaryPrimitives.ReadUInt16LittleEndian(record[8..]);
        ushort count = BinaryPrimitives.ReadUInt16LittleEndian(record[10..]);
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(record[12..]);
        uint offset = BinaryPrimitives.ReadUInt32LittleEndian(record[16..]);
        if (TryReadLocator(file, position, out long locator, out long told))
        {
            if (TryReadZip64(file, told, locator, out end, out long endOffset, out conflict))
            {
                // Only what the record leaves to the other one may differ.
                if ((count != ushort.MaxValue && count != end.Count) || (length != ZipFormat.InZip64 && length != end.Length) || (offset != ZipFormat.InZip64 && offset != endOffset))
                {
                    conflict = "its two end records differ";
                }
                return true;
            }
            conflict = "its zip64 locator leads nowhere";
        }
        else
        {
            conflict = null;
        }
        if (!IsLastVolume(file, disk) || startDisk > disk || (disk == startDisk && count != countHere) || countHere > count)
        {
            end = default;
            return false;
        }
        return TryLocate(file, position, startDisk == ushort.MaxValue ? 0u : startDisk, offset, length, count, isZip64: false, out end, ref conflict);
    }

    private static bool TryReadLocator(ByteSource file, long position, out long locator, out long told)
    {
        locator = position - ZipFormat.Zip64LocatorLength;
        told = -1;
        Span<byte> bytes = stackalloc byte[ZipFormat.Zip64LocatorLength];
        if (locator < ZipFormat.Zip64EndLength || !file.TryRead(locator, bytes) || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != ZipFormat.Zip64LocatorSignature)
        {
            return false;
        }
        uint volume = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
        long offset = BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]);
        told = volume < file.Volumes.Count && offset >= 0 && offset < locator ? file.Volumes[(int)volume] + offset : -1;
        return true;
    }

    /// <summary>Reads the zip64 record where the locator says; in an archive with something before it, right before the locator.</summary>
    private static bool TryReadZip64(ByteSource file, long told, long locator, out EndOfCentralDirectory end, out long offset, out string? conflict)
    {
        long adjacent = locator - ZipFormat.Zip64EndLength;
        if (!TryReadZip64At(file, told, locator, out end, out offset, out conflict))
        {
            return TryReadZip64At(file, adjacent, locator, out end, out offset, out conflict);
        }
        if (told != adjacent && HasSignature(file, adjacent, ZipFormat.Zip64EndSignature))
        {
            conflict = "two zip64 records could be its end";
        }
        return true;
    }

    private static bool TryReadZip64At(ByteSource file, long position, long locator, out EndOfCentralDirectory end, out long offset, out string? conflict)
    {
        const int UncountedLength = 12;
        end = default;
        offset = 0;
        conflict = null;
        Span<byte> record = stackalloc byte[ZipFormat.Zip64EndLength];
        if (position < 0 || position > locator - record.Length || !file.TryRead(position, record)
            || BinaryPrimitives.ReadUInt32LittleEndian(record) != ZipFormat.Zip64EndSignature)
        {
            return false;
        }
        uint disk = BinaryPrimitives.ReadUInt32LittleEndian(record[16..]);
        uint startDisk = BinaryPrimitives.ReadUInt32LittleEndian(record[20..]);
        long countHere = BinaryPrimitives.ReadInt64LittleEndian(record[24..]);
        long count = BinaryPrimitives.ReadInt64LittleEndian(record[32..]);
        long length = BinaryPrimitives.ReadInt64LittleEndian(record[40..]);
        offset = BinaryPrimitives.ReadInt64LittleEndian(record[48..]);
        if (!IsLastVolume(file, disk) || startDisk > disk || (disk == startDisk && count != countHere) || count < 0 || length < 0 || offset < 0 || length > position)
        {
            return false;
        }
        if (BinaryPrimitives.ReadInt64LittleEndian(record[4..]) != locator - position - UncountedLength)
        {
            conflict = "something stands between its zip64 record and the locator";
        }
        return TryLocate(file, position, startDisk, offset, length, count, isZip64: true, out end, ref conflict);
    }

    /// <summary>The directory stands right before its end record; where volumes are counted, at the place that is told, and both must be one.</summary>
    private static bool TryLocate(
        ByteSource file, long position, uint volume, long offset, long length, long count, bool isZip64, out EndOfCentralDirectory end, ref string? conflict)
    {
        long start = position - length;
        long told = volume < file.Volumes.Count ? file.Volumes[(int)volume] + offset : -1;
        end = new EndOfCentralDirectory { Start = start, Length = length, Count = count, IsZip64 = isZip64, Base = file.Volumes.Count > 1 ? 0 : start - told, Volumes = file.Volumes };
        if (told < 0 || start < 0 || end.Base < 0 || (file.Volumes.Count > 1 && told != start) || count > length / ZipFormat.CentralHeaderLength)
        {
            return false;
        }
        if (end.Base > 0 && length > 0 && HasSignature(file, told, ZipFormat.CentralHeaderSignature))
        {
            conflict ??= "a central directory stands where its end record says, and another one right before it";
        }
        return length == 0 ? count == 0 : length >= ZipFormat.CentralHeaderLength && HasSignature(file, start, ZipFormat.CentralHeaderSignature);
    }

    private static bool IsLastVolume(ByteSource file, uint disk) => disk == file.Volumes.Count - 1 || (disk == ushort.MaxValue && file.Volumes.Count == 1);

    private static bool HasSignature(ByteSource file, long position, uint expected)
    {
        Span<byte> signature = stackalloc byte[sizeof(uint)];
        return position >= 0 && position <= file.Length - signature.Length && file.TryRead(position, signature)
            && BinaryPrimitives.ReadUInt32LittleEndian(signature) == expected;
    }
}
