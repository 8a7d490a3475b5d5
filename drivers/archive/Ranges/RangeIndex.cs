using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive.Ranges;

/// <summary>Where in an archive the content of each entry of the tree begins: eight bytes an entry, as the tree has its length. What few entries have stands beside it.</summary>
/// <param name="first">The first entry of the tree that is this archive's.</param>
internal sealed class RangeIndex(int first)
{
    private readonly Column<long> _starts = new();
    private readonly Dictionary<int, RangePiece[]> _pieces = [];
    private readonly Dictionary<int, RangeRefusal> _refusals = [];
    // Below zero where there is none.
    private Column<long>? _sums;

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
}
