using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive.Indexing;

/// <summary>What tells cheaply that an archive is the one that an index was made of: its length, its times, and its two ends, where every format has something that changes with its content.</summary>
/// <param name="Length">Its length.</param>
/// <param name="Modified">When its content was changed.</param>
/// <param name="File">Which file it is, and when anything of it was changed.</param>
/// <param name="Ends">A checksum of its first and last bytes.</param>
internal readonly record struct ArchiveGuard(long Length, Timestamp Modified, FileIdentity File, Checksum Ends)
{
    private const int HeadLength = 4 << 10;
    private const int TailLength = 64 << 10;
    private const int FieldCount = 8;

    /// <summary>Looks at an archive; null if it cannot be read.</summary>
    public static ArchiveGuard? Read(ArchiveFile file)
    {
        byte[] buffer = new byte[TailLength];
        SectionChecksum checksum = new();
        Span<byte> head = buffer.AsSpan(0, (int)Math.Min(HeadLength, file.Length));
        if (!file.TryRead(0, head))
        {
            return null;
        }
        checksum.Append(head);
        Span<byte> tail = buffer.AsSpan(0, (int)Math.Min(TailLength, file.Length));
        if (!file.TryRead(file.Length - tail.Length, tail))
        {
            return null;
        }
        checksum.Append(tail);
        return new ArchiveGuard(file.CurrentLength, file.CurrentModificationTime, file.GetIdentity(), checksum.Complete());
    }

    /// <summary>Writes it.</summary>
    public void Save(IndexRecord record)
    {
        record.Write(Length);
        record.Write(Modified.Seconds);
        record.Write(Modified.Nanoseconds);
        record.Write((long)File.Inode);
        record.Write(File.ChangeTime.Seconds);
        record.Write(File.ChangeTime.Nanoseconds);
        record.Write((long)Ends.Low);
        record.Write((long)Ends.High);
    }

    /// <summary>Whether a record has the same.</summary>
    public bool Matches(IndexRecordReader record)
    {
        IndexRecord own = new();
        Save(own);
        IndexRecord other = new();
        for (int i = 0; i < FieldCount; i++)
        {
            other.Write(record.ReadInt64());
        }
        return record.IsGood && own.Bytes.SequenceEqual(other.Bytes);
    }
}
