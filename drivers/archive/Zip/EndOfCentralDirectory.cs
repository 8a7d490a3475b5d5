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

    /// <summary>Where its volumes begin.</summary>
    public required IReadOnlyList<long> Volumes { get; init; }

    /// <summary>Finds the record, from the end backwards.</summary>
    /// <exception cref="SourceException">There is none, or it may be read in more than one way.</exception>
    public static EndOfCentralDirectory Find(ByteSource file)
    {
        byte[] tail = ReadTail(file, out long tailStart);
        // From the end backwards.
        List<Candidate> candidates = [];
        bool sawRecord = false;
        for (int position = FindRecord(tail, tail.Length); position >= 0; position = FindRecord(tail, position))
        {
            sawRecord = true;
            ReadOnlySpan<byte> record = tail.AsSpan(position);
            int surplus = GetSurplus(record);
            if (surplus >= 0 && EndRecord.TryRead(file, record, tailStart + position, out EndOfCentralDirectory end, out string? conflict))
            {
                candidates.Add(new Candidate(tailStart + position, surplus == 0, end, conflict));
            }
        }
        if (candidates.Count == 0)
        {
            throw new SourceException(sawRecord
                ? $"{file.Path}: the record at its end does not lead to a central directory: damaged, or one of several volumes; copy it again"
                : $"{file.Path}: no end-of-central-directory record: cut off, or not a zip; copy it again");
        }
        // A record whose comment ends with the file is the rule; bytes appended to an archive the exception. One that ends an
        // archive within the archive is content; any other is one that some tools would take.
        int exact = candidates.FindIndex(candidate => candidate.IsExact);
        (long _, bool _, EndOfCentralDirectory found, string? reason) = candidates[Math.Max(exact, 0)];
        int rivals = candidates.Count(candidate => candidate.IsExact || candidate.Position >= found.Start);
        if (rivals > 1)
        {
            throw new SourceException($"{file.Path}: {rivals} records could be its end, and tools would disagree on what it holds: refused");
        }
        return reason is null ? found : throw new SourceException($"{file.Path}: {reason}, and tools would disagree on what it holds: refused");
    }

    /// <summary>How many volumes the end of an archive's last one counts; 1 for anything else.</summary>
    public static int CountVolumes(ByteSource file)
    {
        if (file.Length < ZipFormat.EndLength)
        {
            return 1;
        }
        byte[] tail = ReadTail(file, out long _);
        for (int position = FindRecord(tail, tail.Length); position >= 0; position = FindRecord(tail, position))
        {
            ReadOnlySpan<byte> record = tail.AsSpan(position);
            if (GetSurplus(record) == 0)
            {
                int locator = position - ZipFormat.Zip64LocatorLength;
                int last = BinaryPrimitives.ReadUInt16LittleEndian(record[4..]);
                return last != ushort.MaxValue ? last + 1
                    : locator >= 0 && BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(locator)) == ZipFormat.Zip64LocatorSignature
                        ? (int)Math.Clamp(BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(locator + 16)), 1, int.MaxValue)
                    : 1;
            }
        }
        return 1;
    }

    /// <summary>Where an offset that the archive tells stands; -1 if that is behind the beginning of the central directory.</summary>
    public long Locate(uint volume, long offset)
    {
        if (offset > Start || volume >= Volumes.Count)
        {
            // In an archive of one file the volume's number says nothing.
            if (offset > Start || Volumes.Count > 1)
            {
                return -1;
            }
            volume = 0;
        }
        long position = Base + Volumes[(int)volume] + offset;
        return position <= Start ? position : -1;
    }

    private static byte[] ReadTail(ByteSource file, out long start)
    {
        byte[] tail = new byte[Math.Min(file.Length, ZipFormat.EndLength + MaxComment)];
        start = file.Length - tail.Length;
        return file.TryRead(start, tail) ? tail : throw new SourceException($"{file.Path}: cannot be read to its end");
    }

    /// <summary>The last record that begins before a position; negative if there is none.</summary>
    private static int FindRecord(ReadOnlySpan<byte> tail, int before)
    {
        // The signature's bytes are all different: no match overlaps the one before.
        int end = Math.Min(before + sizeof(uint) - 1, tail.Length);
        for (int position; (position = tail[..end].LastIndexOf("PK\x05\x06"u8)) >= 0; end = position + sizeof(uint) - 1)
        {
            if (position < before && position <= tail.Length - ZipFormat.EndLength)
            {
                return position;
            }
        }
        return -1;
    }

    /// <summary>How many bytes follow a record and its comment; negative if the comment would go on behind the file.</summary>
    private static int GetSurplus(ReadOnlySpan<byte> record) => record.Length - ZipFormat.EndLength - BinaryPrimitives.ReadUInt16LittleEndian(record[20..]);

    private sealed record Candidate(long Position, bool IsExact, EndOfCentralDirectory End, string? Conflict);
}
