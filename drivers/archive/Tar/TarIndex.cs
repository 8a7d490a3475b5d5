using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive.Tar;

/// <summary>Where in the tar the content of each entry of the tree begins.</summary>
/// <param name="first">The first entry of the tree that is this tar's.</param>
internal sealed class TarIndex(int first)
{
    private readonly Column<long> _starts = new();
    private readonly Dictionary<int, SparseMap> _maps = [];
    private readonly HashSet<int> _damaged = [];

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

    /// <summary>Where a node's content begins.</summary>
    public long GetStart(int node) => _starts[node - first];

    /// <summary>Whether any file has holes.</summary>
    public bool HasMaps => _maps.Count > 0;

    /// <summary>Where a node's data is, if it has holes.</summary>
    public SparseMap? GetMap(int node) => _maps.Count == 0 ? null : _maps.GetValueOrDefault(node);

    /// <summary>Whether a node's content cannot be told.</summary>
    public bool IsDamaged(int node) => _damaged.Count > 0 && _damaged.Contains(node);
}
