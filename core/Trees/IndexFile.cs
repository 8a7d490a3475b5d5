using System.Runtime.CompilerServices;
using Kaleidofs.Caching;
using Microsoft.Win32.SafeHandles;

namespace Kaleidofs.Trees;

/// <summary>
/// An index file, mapped into memory. Nothing in it is believed: what its header says is checked when it is opened, what its sections
/// say by <see cref="IsIntact"/>, and all that is read from them stays within them whatever they say.
/// </summary>
public sealed class IndexFile : IDisposable
{
    private const int CheckLength = 256 << 10;

    private readonly MappedFile _file;
    private readonly IndexHeader.Section[] _sections;

    private IndexFile(MappedFile file, IndexHeader.Section[] sections)
    {
        _file = file;
        _sections = sections;
    }

    /// <summary>Its length.</summary>
    public long Length => _file.Length;

    /// <summary>Whether all that was asked for was there, so far.</summary>
    public bool IsComplete { get; private set; } = true;

    /// <summary>Maps a file; null if it is no index file, or one of another version, or damaged in its header.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static IndexFile? Open(SafeFileHandle file)
    {
        byte[] header = new byte[IndexHeader.Length];
        long length = RandomAccess.GetLength(file);
        if (!BitConverter.IsLittleEndian || length < header.Length || RandomAccess.Read(file, header, 0) != header.Length)
        {
            return null;
        }
        return IndexHeader.Read(header, length) is { } sections && AreWithin(sections, length) ? new IndexFile(MappedFile.Open(file), sections) : null;
    }

    /// <summary>Compares the checksums of all sections, by reading the file: what is not needed is not mapped for it.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public bool IsIntact(SafeFileHandle file)
    {
        byte[] buffer = GC.AllocateUninitializedArray<byte>((int)Math.Min(CheckLength, Length));
        foreach (IndexHeader.Section section in _sections)
        {
            SectionChecksum checksum = new();
            int count;
            for (long done = 0; done < section.Length; done += count)
            {
                count = RandomAccess.Read(file, buffer.AsSpan(0, (int)Math.Min(buffer.Length, section.Length - done)), section.Position + done);
                if (count == 0)
                {
                    return false;
                }
                checksum.Append(buffer.AsSpan(0, count));
            }
            if (checksum.Complete() != section.Checksum)
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>A section as a column; an empty one if it is not there, which <see cref="IsComplete"/> tells.</summary>
    public Column<T> GetColumn<T>(int section) where T : unmanaged => new(GetArray<T>(section));

    /// <summary>A section as a record.</summary>
    public IndexRecordReader GetRecord(int section) => new(GetBytes(section));

    /// <summary>A section's bytes.</summary>
    public ReadOnlyMemory<byte> GetBytes(int section)
    {
        (long position, int count) = Find(section, sizeof(byte));
        return _file.GetMemory(position, count);
    }

    /// <summary>Whether the file has a section.</summary>
    public bool Has(int section) => IndexOf(section) >= 0;

    /// <summary>Unmaps the file; only if nothing that was read from it is used any more. Who cannot know that leaves it to the garbage collector.</summary>
    public void Dispose() => _file.Dispose();

    /// <summary>A section's values.</summary>
    internal MappedArray<T> GetArray<T>(int section) where T : unmanaged
    {
        (long position, int count) = Find(section, Unsafe.SizeOf<T>());
        return _file.GetArray<T>(position, count);
    }

    /// <summary>Notes that something in the file cannot be.</summary>
    internal void Refuse() => IsComplete = false;

    private (long Position, int Count) Find(int section, int elementSize)
    {
        int index = IndexOf(section);
        if (index < 0 || _sections[index].ElementSize != elementSize || _sections[index].Length % elementSize != 0 || _sections[index].Length / elementSize > Array.MaxLength)
        {
            IsComplete = false;
            return (0, 0);
        }
        return (_sections[index].Position, (int)(_sections[index].Length / elementSize));
    }

    // Loops, as generic methods of the framework over this struct would be compiled when the program runs.
    private int IndexOf(int section)
    {
        for (int i = 0; i < _sections.Length; i++)
        {
            if (_sections[i].Number == section)
            {
                return i;
            }
        }
        return -1;
    }

    private static bool AreWithin(IndexHeader.Section[] sections, long fileLength)
    {
        foreach (IndexHeader.Section section in sections)
        {
            if (section.Position < IndexHeader.Length || section.Position % IndexHeader.Alignment != 0
                || section.Length < 0 || section.Position > fileLength || section.Length > fileLength - section.Position)
            {
                return false;
            }
        }
        return true;
    }
}
