using System.Runtime.InteropServices;
using Kaleidofs.Drivers.Archive.Composing;
using Kaleidofs.Drivers.Archive.Indexing;
using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive.Ranges;

/// <summary>Where in an archive the content of each entry of the tree begins: eight bytes an entry, as the tree has its length. What few entries have stands beside it.</summary>
/// <param name="first">The first entry of the tree that is this archive's.</param>
internal sealed class RangeIndex(int first)
{
    /// <summary>MAX_ERRNO of linux/err.h.</summary>
    private const int MaxErrno = 4095;

    private const int StartsSection = IndexSections.Format;
    private const int SumsSection = StartsSection + 1;
    private const int DetailsSection = StartsSection + 2;

    private readonly Column<long> _starts = new();
    private readonly Dictionary<int, RangePiece[]> _pieces = [];
    private readonly Dictionary<int, RangeRefusal> _refusals = [];
    // Below zero where there is none.
    private Column<long>? _sums;

    private RangeIndex(Column<long> starts, Column<long>? sums) : this(EntryBuilder.FirstOfAll)
    {
        _starts = starts;
        _sums = sums;
    }

    /// <summary>Where the archive's bytes end: content beyond was cut off.</summary>
    public long End { get; set; }

    /// <summary>Notes where an entry's content begins. Entries come in ascending order, a directory's number again.</summary>
    public void Set(int entry, long start)
    {
        int local = entry - first;
        if (local >= _starts.Count)
        {
            _starts.FillTo(local, 0);
            _starts.Add(start);
        }
    }

    /// <summary>Notes the sum of an entry's bytes.</summary>
    public void SetSum(int entry, uint sum)
    {
        _sums ??= new Column<long>();
        _sums.FillTo(entry - first, -1);
        _sums.Add(sum);
    }

    /// <summary>Notes that a file's content stands in several places.</summary>
    public void SetPieces(int entry, RangePiece[] pieces) => _pieces[entry] = pieces;

    /// <summary>Notes that a file cannot be read, and why.</summary>
    public void Refuse(int entry, RangeRefusal refusal) => _refusals.TryAdd(entry, refusal);

    /// <summary>Where a node's content begins.</summary>
    public long GetStart(int node) => _starts[node - first];

    /// <summary>What a node's bytes add up to, if that is known.</summary>
    public bool TryGetSum(int node, out uint sum)
    {
        long told = node - first < _sums?.Count ? _sums[node - first] : -1;
        sum = (uint)told;
        return told >= 0;
    }

    /// <summary>Where a node's content stands, if that is in several places.</summary>
    public RangePiece[]? GetPieces(int node) => _pieces.Count == 0 ? null : _pieces.GetValueOrDefault(node);

    /// <summary>Why a node cannot be read; null if it can.</summary>
    public RangeRefusal? GetRefusal(int node) => _refusals.Count == 0 ? null : _refusals.GetValueOrDefault(node);

    /// <summary>The index where a file has it; null if the file has none for this tree.</summary>
    public static RangeIndex? Load(IndexFile file, Tree tree)
    {
        RangeIndex index = new(file.GetColumn<long>(StartsSection), file.Has(SumsSection) ? file.GetColumn<long>(SumsSection) : null);
        IndexRecordReader record = file.GetRecord(DetailsSection);
        index.End = record.ReadInt64();
        for (int count = record.ReadInt32(0, tree.Count); count > 0 && record.IsGood; count--)
        {
            int entry = record.ReadInt32(0, tree.Count - 1);
            RangePiece[] pieces = MemoryMarshal.Cast<byte, RangePiece>(record.ReadBytes().Span).ToArray();
            if (pieces.Any(piece => piece.Start < 0 || piece.Length < 0 || piece.Length > index.End - piece.Start))
            {
                return null;
            }
            index._pieces[entry] = pieces;
        }
        RangeRefusal[] refusals = new RangeRefusal[record.ReadInt32(0, tree.Count)];
        for (int i = 0; i < refusals.Length && record.IsGood; i++)
        {
            refusals[i] = new RangeRefusal((Errno)record.ReadInt32(1, MaxErrno), record.ReadText());
        }
        for (int count = record.ReadInt32(0, refusals.Length == 0 ? 0 : tree.Count); count > 0 && record.IsGood; count--)
        {
            index._refusals[record.ReadInt32(0, tree.Count - 1)] = refusals[record.ReadInt32(0, refusals.Length - 1)];
        }
        return index.End >= 0 && record.IsAtEnd ? index : null;
    }

    /// <summary>Writes it.</summary>
    public void Save(IndexWriter writer)
    {
        writer.Add(StartsSection, _starts);
        if (_sums is not null)
        {
            writer.Add(SumsSection, _sums);
        }
        IndexRecord record = new();
        record.Write(End);
        record.Write(_pieces.Count);
        foreach ((int entry, RangePiece[] pieces) in _pieces)
        {
            record.Write(entry);
            record.Write(MemoryMarshal.AsBytes<RangePiece>(pieces));
        }
        Dictionary<RangeRefusal, int> refusals = [];
        foreach (RangeRefusal refusal in _refusals.Values)
        {
            refusals.TryAdd(refusal, refusals.Count);
        }
        record.Write(refusals.Count);
        foreach (RangeRefusal refusal in refusals.Keys)
        {
            record.Write((long)refusal.Errno);
            record.Write(refusal.Reason);
        }
        record.Write(_refusals.Count);
        foreach ((int entry, RangeRefusal refusal) in _refusals)
        {
            record.Write(entry);
            record.Write(refusals[refusal]);
        }
        writer.Add(DetailsSection, record);
    }
}
