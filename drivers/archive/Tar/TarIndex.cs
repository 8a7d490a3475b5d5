using System.Runtime.InteropServices;
using Kaleidofs.Drivers.Archive.Composing;
using Kaleidofs.Drivers.Archive.Indexing;
using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive.Tar;

/// <summary>Where in the tar the content of each entry of the tree begins.</summary>
/// <param name="first">The first entry of the tree that is this tar's.</param>
internal sealed class TarIndex(int first)
{
    private readonly Column<long> _starts = new();
    private readonly Dictionary<int, SparseMap> _maps = [];
    private readonly HashSet<int> _damaged = [];

    private TarIndex(Column<long> starts) : this(EntryBuilder.FirstOfAll) => _starts = starts;

    /// <summary>Where the tar's bytes end: content beyond was cut off.</summary>
    public long End { get; set; }

    /// <summary>Notes where an entry's content begins. Entries come in ascending order.</summary>
    public void Set(int entry, long start)
    {
        int local = entry - first;
        if (local >= _starts.Count)
        {
            _starts.FillTo(local, start);
            _starts.Add(start);
        }
    }

    /// <summary>Notes where a file with holes has data.</summary>
    public void SetMap(int entry, SparseMap map) => _maps[entry] = map;

    /// <summary>Notes that a file's content cannot be told.</summary>
    public void SetDamaged(int entry) => _damaged.Add(entry);

    /// <summary>The entry whose content a position of the tar is in, or ends at; -1 if it is in none's.</summary>
    public int Find(long position, Tree tree)
    {
        int low = 0;
        int high = _starts.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            if (_starts[middle] <= position)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }
        // Entries without content have the place of those before or behind them.
        for (; high >= 0 && _starts[high] >= 0; high--)
        {
            int entry = first + high;
            if ((tree.GetMode(entry) & FileType.Mask) == FileType.Regular)
            {
                return position - _starts[high] <= tree.GetSize(entry) ? entry : -1;
            }
        }
        return -1;
    }

    /// <summary>Where a node's content begins.</summary>
    public long GetStart(int node) => _starts[node - first];

    /// <summary>Whether any file has holes.</summary>
    public bool HasMaps => _maps.Count > 0;

    /// <summary>Where a node's data is, if it has holes.</summary>
    public SparseMap? GetMap(int node) => _maps.Count == 0 ? null : _maps.GetValueOrDefault(node);

    /// <summary>Whether a node's content cannot be told.</summary>
    public bool IsDamaged(int node) => _damaged.Count > 0 && _damaged.Contains(node);

    /// <summary>The index where a file has it; null if the file has none for this tree.</summary>
    public static TarIndex? Load(IndexFile file, Tree tree)
    {
        TarIndex index = new(file.GetColumn<long>(IndexSections.Format));
        IndexRecordReader record = file.GetRecord(IndexSections.Format + 1);
        index.End = record.ReadInt64();
        for (int count = record.ReadInt32(0, tree.Count); count > 0 && record.IsGood; count--)
        {
            index._damaged.Add(record.ReadInt32(0, tree.Count - 1));
        }
        for (int count = record.ReadInt32(0, tree.Count); count > 0 && record.IsGood; count--)
        {
            int entry = record.ReadInt32(0, tree.Count - 1);
            List<long> pieces = [.. MemoryMarshal.Cast<byte, long>(record.ReadBytes().Span)];
            if (SparseMap.Create(pieces, tree.GetSize(entry)) is not { } map)
            {
                return null;
            }
            index._maps[entry] = map;
        }
        return index.End >= 0 && record.IsAtEnd ? index : null;
    }

    /// <summary>Writes it.</summary>
    public void Save(IndexWriter writer)
    {
        writer.Add(IndexSections.Format, _starts);
        IndexRecord record = new();
        record.Write(End);
        record.Write(_damaged.Count);
        foreach (int entry in _damaged)
        {
            record.Write(entry);
        }
        record.Write(_maps.Count);
        foreach ((int entry, SparseMap map) in _maps)
        {
            record.Write(entry);
            record.Write(MemoryMarshal.AsBytes<long>([.. map.Pieces]));
        }
        writer.Add(IndexSections.Format + 1, record);
    }
}
