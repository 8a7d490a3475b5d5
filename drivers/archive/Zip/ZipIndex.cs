using System.Runtime.InteropServices;
using Kaleidofs.Drivers.Archive.Composing;
using Kaleidofs.Drivers.Archive.Indexing;
using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive.Zip;

/// <summary>
/// For each entry of the tree, where its records are: 12 bytes. Everything else is read again from them when its content is wanted.
/// </summary>
/// <remarks>
/// An entry's bytes end where the next header begins, whatever its sizes say, so no two entries can share data
/// (as zip bombs do whose entries overlap).
/// </remarks>
/// <param name="directoryStart">Where the central directory begins: no entry's bytes go on there.</param>
/// <param name="first">The first entry of the tree that is this zip's.</param>
internal sealed class ZipIndex(long directoryStart, int first)
{
    private readonly Column<long> _headers = new();
    private readonly Column<uint> _records = new();
    private long _lastHeader = -1;
    private bool _isAscending = true;
    // All headers in order, if the records have them in another: nearly every tool writes them ascending.
    private long[]? _sorted;

    private ZipIndex(long directoryStart, IndexFile file) : this(directoryStart, EntryBuilder.FirstOfAll)
    {
        _headers = file.GetColumn<long>(IndexSections.Format);
        _records = file.GetColumn<uint>(IndexSections.Format + 1);
        _isAscending = !file.Has(IndexSections.Format + 2);
        _sorted = _isAscending ? null : MemoryMarshal.Cast<byte, long>(file.GetBytes(IndexSections.Format + 2).Span).ToArray();
    }

    /// <summary>Notes where an entry's records are. Entries come in ascending order; numbers left out belong to directories that no record names.</summary>
    public void Set(int entry, long header, long record)
    {
        entry -= first;
        if (entry < _headers.Count)
        {
            // A directory that was implied before, or is named twice: it has no content.
            return;
        }
        if (header <= _lastHeader)
        {
            _isAscending = false;
        }
        _lastHeader = header;
        // Those left out have no content either; with this header they are bounds like it.
        _headers.FillTo(entry, header);
        _records.FillTo(entry, (uint)record);
        _headers.Add(header);
        _records.Add((uint)record);
    }

    /// <summary>Ends the building.</summary>
    public void Complete()
    {
        if (_isAscending)
        {
            return;
        }
        List<long> headers = [];
        for (int entry = 0; entry < _headers.Count; entry++)
        {
            if (entry + 1 == _headers.Count || _records[entry] != _records[entry + 1])
            {
                headers.Add(_headers[entry]);
            }
        }
        headers.Sort();
        _sorted = [.. headers];
    }

    /// <summary>The index where a file has it; null if the file has none for a tree of so many entries.</summary>
    public static ZipIndex? Load(IndexFile file, long directoryStart, int entries)
    {
        ZipIndex index = new(directoryStart, file);
        return index._headers.Count <= entries && index._records.Count == index._headers.Count ? index : null;
    }

    /// <summary>Writes it.</summary>
    public void Save(IndexWriter writer)
    {
        writer.Add(IndexSections.Format, _headers);
        writer.Add(IndexSections.Format + 1, _records);
        if (_sorted is not null)
        {
            writer.Add(IndexSections.Format + 2, MemoryMarshal.AsBytes<long>(_sorted));
        }
    }

    /// <summary>Where an entry's central directory record is, from the directory's beginning.</summary>
    public long GetRecord(int entry) => _records[entry - first];

    /// <summary>Where its local header is.</summary>
    public long GetHeader(int entry) => _headers[entry - first];

    /// <summary>Where its bytes must have ended; its header's own place if it shares that with another entry.</summary>
    public long GetLimit(int entry)
    {
        entry -= first;
        long header = _headers[entry];
        if (_sorted is null)
        {
            return entry + 1 < _headers.Count ? Math.Min(_headers[entry + 1], directoryStart) : directoryStart;
        }
        int position = Array.BinarySearch(_sorted, header);
        if (position < 0)
        {
            // Of an index file that says one thing here and another there.
            return header;
        }
        bool isShared = (position > 0 && _sorted[position - 1] == header) || (position + 1 < _sorted.Length && _sorted[position + 1] == header);
        return isShared ? header
            : position + 1 < _sorted.Length ? Math.Min(_sorted[position + 1], directoryStart)
            : directoryStart;
    }
}
