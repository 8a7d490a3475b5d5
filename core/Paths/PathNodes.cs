using System.Diagnostics.CodeAnalysis;

namespace Kaleidofs.Paths;

/// <summary>Nodes by their inode numbers, which they have themselves: a set takes less than a dictionary. Used under the table's lock.</summary>
internal sealed class PathNodes
{
    private readonly HashSet<PathNode> _nodes = new(new Comparer());
    private readonly HashSet<PathNode>.AlternateLookup<ulong> _byNumber;

    public PathNodes() => _byNumber = _nodes.GetAlternateLookup<ulong>();

    public int Count => _nodes.Count;

    public IReadOnlyCollection<PathNode> All => _nodes;

    public void Add(PathNode node) => _nodes.Add(node);

    public bool Remove(ulong inode) => _byNumber.Remove(inode);

    public bool Contains(ulong inode) => _byNumber.Contains(inode);

    public bool TryGet(ulong inode, [MaybeNullWhen(false)] out PathNode node) => _byNumber.TryGetValue(inode, out node);

    private sealed class Comparer : IEqualityComparer<PathNode>, IAlternateEqualityComparer<ulong, PathNode>
    {
        public bool Equals(PathNode? x, PathNode? y) => x == y;

        public int GetHashCode(PathNode obj) => obj.Inode.GetHashCode();

        public bool Equals(ulong alternate, PathNode other) => alternate == other.Inode;

        public int GetHashCode(ulong alternate) => alternate.GetHashCode();

        public PathNode Create(ulong alternate) => throw new NotSupportedException();
    }
}
