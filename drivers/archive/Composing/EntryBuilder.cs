using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive.Composing;

/// <summary>Adds one archive's entries to a tree, each where a mapping puts it, and counts those that the tree does not take.</summary>
/// <param name="tree">The tree.</param>
/// <param name="mapping">Where its paths stand in it.</param>
/// <param name="composition">What its numbers depend on; empty for nothing.</param>
/// <param name="end">Ends the tree, if no other archive's entries come into it.</param>
/// <param name="growth">The tree as others see it while it is built; null if nobody does.</param>
internal sealed class EntryBuilder(TreeBuilder tree, PathMapping mapping, string composition, Action<EntryBuilder>? end, TreeGrowth? growth = null)
{
    /// <summary>The number of the first archive's first entry: the root comes before.</summary>
    public const int FirstOfAll = 1;

    private readonly SkippedEntries _skipped = new();
    private byte[] _target = [];

    /// <summary>The tree, for what is not told by a path.</summary>
    public TreeBuilder Tree => tree;

    /// <summary>The number of the archive's first entry.</summary>
    public int First { get; } = tree.Count;

    /// <summary>Entries that have a place in the tree.</summary>
    public long ShownCount { get; private set; }

    /// <summary>Entries that lost their name to a later one. In an archive that is merged over others that is what it is for.</summary>
    public long ReplacedCount => First == FirstOfAll ? tree.ReplacedCount : 0;

    /// <summary>Keeps those away who look at the tree while it is built, for as long as an entry and what belongs to it are added.</summary>
    public Lock.Scope Enter() => growth is null ? default : growth.Enter();

    /// <summary>Adds an entry.</summary>
    /// <param name="path">Its path in the archive.</param>
    /// <param name="node">What it is.</param>
    /// <param name="entry">Its number in the tree, which may be that of a directory of an earlier archive.</param>
    /// <returns>Whether the tree took it.</returns>
    public bool TryAdd(ReadOnlySpan<byte> path, in TreeNode node, out int entry)
    {
        entry = -1;
        bool isDirectory = (node.Mode & FileType.Mask) == FileType.Directory;
        if (!mapping.TryMap(path, isDirectory, out ReadOnlySpan<byte> mapped, out bool isStripped))
        {
            _skipped.CountStripped(isStripped, path);
            return false;
        }
        PathRefusal refusal = tree.Add(mapped, node, out entry);
        _skipped.Count(refusal, path);
        ShownCount += refusal == PathRefusal.None ? 1 : 0;
        return refusal == PathRefusal.None;
    }

    /// <summary>Adds another name for a file.</summary>
    public void AddHardLink(ReadOnlySpan<byte> path, ReadOnlySpan<byte> target)
    {
        if (!mapping.TryMap(target, isDirectory: false, out ReadOnlySpan<byte> mappedTarget, out _))
        {
            _skipped.Count(PathRefusal.NoLinkTarget, path);
            return;
        }
        // The mapping has one buffer, and the path's may be in it.
        if (_target.Length < mappedTarget.Length)
        {
            _target = new byte[mappedTarget.Length * 2];
        }
        mappedTarget.CopyTo(_target);
        if (!mapping.TryMap(path, isDirectory: false, out ReadOnlySpan<byte> mapped, out bool isStripped))
        {
            _skipped.CountStripped(isStripped, path);
            return;
        }
        PathRefusal refusal = tree.AddHardLink(mapped, _target.AsSpan(0, mappedTarget.Length));
        _skipped.Count(refusal, path);
        ShownCount += refusal == PathRefusal.None ? 1 : 0;
    }

    /// <summary>Ends the archive's entries, and the tree if there are no others, and tells of those that the tree did not take.</summary>
    public void Complete(string archive, DriverLog log)
    {
        using Lock.Scope alone = Enter();
        int dangling = tree.DanglingLinks;
        tree.ResolveLinks();
        _skipped.CountDanglingLinks(tree.DanglingLinks - dangling);
        _skipped.Report(archive, log);
        end?.Invoke(this);
    }

    /// <summary>An archive's identity where it stands: its entries' numbers depend on what was in the tree before.</summary>
    public string GetIdentity(string identity) => composition.Length == 0 ? identity : $"{identity}:{composition}";
}
