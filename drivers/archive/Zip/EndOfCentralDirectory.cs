using System.Buffers.Binary;

namespace Kaleidofs.Drivers.Archive.Zip;

/// <summary>Where the central directory is, by the record at the file's end (APPNOTE 4.3.14 to 4.3.16).</summary>
internal readonly record struct EndOfCentralDirectory
{
    private const int MaxComment = ushort.MaxValue;

    /// <summary>Where the central directory begins.</summary>
    public required long Start { get; init; }

    /// <summary>How long it is.</summary>
    public required long Length { get; init; }

    /// <summary>How many records it says it has; without zip64 only the low 16 bits.</summary>
    public required long Count { get; init; }

    /// <summary>Whether <see cref="Count"/> is the whole number.</summary>
    public required bool IsZip64 { get; init; }

    /// <summary>What to add to offsets in the archive: the length of what stands before it (a self-extractor).</summary>
    public required long Base { get; init; }

    /// <summary>Finds the record, from the end backwards.</summary>
    /// <exception cref="SourceException">There is none, or more than one that could be it.</exception>
    public static EndOfCentralDirectory Find(ByteSource file)
    {
        int tailLength = (int)Math.Min(file.Length, ZipFormat.EndLength + MaxComment);
        byte[] tail = new byte[tailLength];
        long tailStart = file.Length - tailLength;
        if (!file.TryRead(tailStart, tail))
        {
            throw new SourceException($"{file.Path}: cannot be read to its end");
        }
        // A record whose comment ends with the file is the rule; bytes appended to an archive the exception.
        List<EndOfCentralDirectory> exact = [];
        List<EndOfCentralDirectory> inexact = [];
        bool sawRecord = false;
        for (int position = tailLength - ZipFormat.EndLength; position >= 0; position--)
        {
            ReadOnlySpan<byte> record = tail.AsSpan(position);
            if (BinaryPrimitives.ReadUInt32LittleEndian(record) != ZipFormat.EndSignature)
            {
                continue;
            }
            sawRecord = true;
            int surplus = record.Length - ZipFormat.EndLength - BinaryPrimitives.ReadUInt16LittleEndian(record[20..]);
            if (surplus >= 0 && TryRead(file, record, tailStart + position, out EndOfCentralDirectory end))
            {
                (surplus == 0 ? exact : inexact).Add(end);
            }
        }
        List<EndOfCentralDirectory> candidates = exact.Count > 0 ? exact : inexact;
        return candidates.Count switch
        {
            1 => candidates[0],
            0 when sawRecord => throw new SourceException($"{file.Path}: the record at its end does not lead to a central directory: damaged, or one of several volumes; copy it again"),
            0 => throw new SourceException($"{file.Path}: no end-of-central-directory record: cut off, or not a zip; copy it again"),
            _ => throw new SourceException($"{file.Path}: {candidates.Count} records could be its end, and tools would disagree on what it holds: refused"),
        };
    }

    /// <summary>Reads a record; false unless a central directory stands where it says.</summary>
    private static bool TryRead(ByteSource file, ReadOnlySpan<byte> record, long position, out EndOfCentralDirectory end)
    {
        ushort disk = BinaryPrimitives.ReadUInt16LittleEndian(record[4..]);
        ushort startDisk = BinaryPrimitives.ReadUInt16LittleEndian(record[6..]);
        ushort countHere = BinaryPrimitives.ReadUInt16LittleEndian(record[8..]);
        ushort count = BinaryPrimitives.ReadUInt16LittleEndian(record[10..]);
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(record[12..]);
        uint offset = BinaryPrimitives.ReadUInt32LittleEndian(record[16..]);
        bool refersToZip64 = disk == ushort.MaxValue || count == ushort.MaxValue || length == ZipFormat.InZip64 || offset == ZipFormat.InZip64;
        if (TryReadZip64(file, position, out end))
        {
            // A locator that the record does not need must agree with it, or two readers would see two archives.
            return refersToZip64 || (end.Length == length && end.Count == count);
        }
        long start = position - length;
        end = new EndOfCentralDirectory { Start = start, Length = length, Count = count, IsZip64 = false, Base = start - offset };
        return disk == startDisk && count == countHere && disk is 0 or ushort.MaxValue && IsConsistent(file, end);
    }

    private static bool TryReadZip64(ByteSource file, long position, out EndOfCentralDirectory end)
    {
        end = default;
        Span<byte> locator = stackalloc byte[ZipFormat.Zip64LocatorLength];
        long locatorPosition = position - locator.Length;
        if (locatorPosition < ZipFormat.Zip64EndLength || !file.TryRead(locatorPosition, locator)
            || BinaryPrimitives.ReadUInt32LittleEndian(locator) != ZipFormat.Zip64LocatorSignature)
        {
            return false;
        }
        long told = BinaryPrimitives.ReadInt64LittleEndian(locator[8..]);
        // Where the locator says; in an archive with something before it, right before the locator.
        return TryReadZip64At(file, told, locatorPosition, out end)
            || TryReadZip64At(file, locatorPosition - ZipFormat.Zip64EndLength, locatorPosition, out end);
    }

    private static bool TryReadZip64At(ByteSource file, long position, long locatorPosition, out EndOfCentralDirectory end)
    {
        end = default;
        Span<byte> record = stackalloc byte[ZipFormat.Zip64EndLength];
        if (position < 0 || position > locatorPosition - record.Length || !file.TryRead(position, record)
            || BinaryPrimitives.ReadUInt32LittleEndian(record) != ZipFormat.Zip64EndSignature)
        {
            return false;
        }
        long count = BinaryPrimitives.ReadInt64LittleEndian(record[32..]);
        long length = BinaryPrimitives.ReadInt64LittleEndian(record[40..]);
        long offset = BinaryPrimitives.ReadInt64LittleEndian(record[48..]);
        if (count < 0 || length < 0 || offset < 0 || length > position)
        {
            return false;
        }
        long start = position - length;
        end = new EndOfCentralDirectory { Start = start, Length = length, Count = count, IsZip64 = true, Base = start - offset };
        return IsConsistent(file, end);
    }

    private static bool IsConsistent(ByteSource file, in EndOfCentralDirectory end)
    {
        if (end.Start < 0 || end.Base < 0 || end.Count > end.Length / ZipFormat.CentralHeaderLength)
        {
            return false;
        }
        if (end.Length == 0)
        {
            return end.Count == 0;
        }
        Span<byte> signature = stackalloc byte[sizeof(uint)];
        return end.Length >= ZipFormat.CentralHeaderLength && file.TryRead(end.Start, signature)
            && BinaryPrimitives.ReadUInt32LittleEndian(signature) == ZipFormat.CentralHeaderSignature;
    }
}
