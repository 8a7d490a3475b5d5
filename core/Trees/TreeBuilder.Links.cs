namespace Kaleidofs.Trees;

/// <content>Hard links: further names of a node that is there, or that comes later.</content>
public sealed partial class TreeBuilder
{
    private readonly List<(byte[] Path, byte[] Target)> _pendingLinks = [];

    /// <summary>How many hard links led nowhere; of those that were resolved.</summary>
    public int DanglingLinks { get; private set; }

    /// <summary>Adds another name for the file at <paramref name="target"/>. One that is not there yet is looked for again at the end.</summary>
    public PathRefusal AddHardLink(ReadOnlySpan<byte> path, ReadOnlySpan<byte> target)
    {
        if (path.Length > MaxPathLength || target.Length > MaxPathLength)
        {
            return PathRefusal.TooDeep;
        }
        PathRefusal refusal = TryLink(path, target);
        if (refusal == PathRefusal.NoLinkTarget)
        {
            CountMetadata(path.Length + target.Length + 64);
            _pendingLinks.Add((path.ToArray(), target.ToArray()));
            return PathRefusal.None;
        }
        return refusal;
    }

    /// <summary>Links to names that came later. Twice over the list, forwards and back: that resolves chains, and is linear for those who write endless ones.</summary>
    public void ResolveLinks()
    {
        for (int pass = 0; pass < 2 && _pendingLinks.Count > 0; pass++)
        {
            List<(byte[] Path, byte[] Target)> links = [.. _pendingLinks];
            _pendingLinks.Clear();
            foreach ((byte[] path, byte[] target) in links)
            {
                if (TryLink(path, target) == PathRefusal.NoLinkTarget)
                {
                    _pendingLinks.Add((path, target));
                }
            }
            _pendingLinks.Reverse();
        }
        DanglingLinks += _pendingLinks.Count;
        _pendingLinks.Clear();
    }

    private PathRefusal TryLink(ReadOnlySpan<byte> path, ReadOnlySpan<byte> target)
    {
        int node = FindNode(target);
        if (node <= 0 || _columns.IsDirectory(node))
        {
            return PathRefusal.NoLinkTarget;
        }
        Split(path, out ReadOnlySpan<byte> directoryPath, out ReadOnlySpan<byte> name);
        PathRefusal refusal = FindPlace(directoryPath, name, out int parent, out int existing);
        if (refusal != PathRefusal.None)
        {
            return refusal;
        }
        if (name.IsEmpty || (existing != 0 && _columns.IsDirectory(existing)))
        {
            return PathRefusal.IsDirectory;
        }
        if (existing != 0 && _columns.Resolve(existing) == node)
        {
            // The name leads there already: a link to itself, or the same link twice.
            return PathRefusal.None;
        }
        CountMetadata(64);
        int entry = Place(parent, name, existing, default);
        _columns.HardLinks[entry] = node;
        _columns.LinkCounts[node] = _columns.LinkCounts.GetValueOrDefault(node, 1) + 1;
        _addedCount++;
        return PathRefusal.None;
    }

    /// <summary>The node that a path leads to; -1 if none does.</summary>
    private int FindNode(ReadOnlySpan<byte> path)
    {
        int entry = 0;
        while (TryTake(ref path, out ReadOnlySpan<byte> component))
        {
            entry = _names.Find(entry, component);
            if (entry == 0)
            {
                return -1;
            }
        }
        return _columns.Resolve(entry);
    }
}
