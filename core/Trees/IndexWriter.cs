using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Kaleidofs.Trees;

/// <summary>Writes an index file: sections of values, as they stand in memory, each with a checksum; last of all the header that makes it one.</summary>
public sealed class IndexWriter
{
    /// <summary>The first number that a driver may give to a section of its own; those below are the tree's.</summary>
    public const int FirstOwnSection = 64;

    private readonly Stream _stream;
    private readonly List<IndexHeader.Section> _sections = [];
    private long _position = IndexHeader.Length;

    /// <summary>A writer to a stream that is empty and can seek; it stays the caller's.</summary>
    public IndexWriter(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        _stream = stream;
        _stream.Position = _position;
    }

    /// <summary>Writes a column.</summary>
    public void Add<T>(int section, Column<T> column) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(column);
        SectionChecksum checksum = Begin(out long start);
        for (int index = 0; index < column.Count;)
        {
            ReadOnlySpan<T> chunk = column.GetChunk(index);
            Write(checksum, MemoryMarshal.AsBytes(chunk));
            index += chunk.Length;
        }
        End(section, Unsafe.SizeOf<T>(), start, checksum);
    }

    /// <summary>Writes values.</summary>
    public void Add<T>(int section, ReadOnlySpan<T> values) where T : unmanaged
    {
        SectionChecksum checksum = Begin(out long start);
        Write(checksum, MemoryMarshal.AsBytes(values));
        End(section, Unsafe.SizeOf<T>(), start, checksum);
    }

    /// <summary>Writes a record.</summary>
    public void Add(int section, IndexRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        Add(section, record.Bytes);
    }

    /// <summary>Writes the header. The file is none before.</summary>
    public void Complete()
    {
        byte[] header = new byte[IndexHeader.Length];
        MemoryMarshal.Write(header, new IndexHeader.Fields
        {
            Magic = IndexHeader.Magic,
            FormatVersion = IndexHeader.FormatVersion,
            SectionCount = _sections.Count,
            FileLength = _position,
        });
        MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_sections)).CopyTo(header.AsSpan(IndexHeader.FieldsLength));
        IndexHeader.Seal(header);
        _stream.SetLength(_position);
        _stream.Position = 0;
        _stream.Write(header);
        _stream.Flush();
    }

    /// <summary>Writes a section in pieces.</summary>
    internal void Add(int section, int count, Func<int, ReadOnlyMemory<byte>> getPiece)
    {
        SectionChecksum checksum = Begin(out long start);
        for (int i = 0; i < count; i++)
        {
            Write(checksum, getPiece(i).Span);
        }
        End(section, sizeof(byte), start, checksum);
    }

    private SectionChecksum Begin(out long start)
    {
        start = (_position + IndexHeader.Alignment - 1) / IndexHeader.Alignment * IndexHeader.Alignment;
        _stream.Position = start;
        _position = start;
        return new SectionChecksum();
    }

    private void Write(SectionChecksum checksum, ReadOnlySpan<byte> bytes)
    {
        checksum.Append(bytes);
        _stream.Write(bytes);
        _position += bytes.Length;
    }

    private void End(int section, int elementSize, long start, SectionChecksum checksum)
    {
        if (_sections.Count == IndexHeader.MaxSections || _sections.Exists(other => other.Number == section))
        {
            throw new InvalidOperationException($"The index file has no room for section {section}, or has it already");
        }
        Checksum value = checksum.Complete();
        _sections.Add(new IndexHeader.Section
        {
            Number = section,
            ElementSize = elementSize,
            Position = start,
            Length = _position - start,
            Checksum = value,
        });
    }
}
