using Kaleidofs.Drivers.Git.Objects;
using Kaleidofs.Drivers.Git.Times;
using Kaleidofs.Drivers.Git.Trees;

namespace Kaleidofs.Drivers.Git.Nodes;

/// <summary>A directory of a commit.</summary>
/// <param name="number">Its number.</param>
/// <param name="parent">The directory that it is in.</param>
/// <param name="key">What it is.</param>
/// <param name="place">What it stands in a commit for.</param>
/// <param name="isRoot">Whether it is all of the commit.</param>
internal class TreeNode(ulong number, Node? parent, object key, TreeInside place, bool isRoot) : Node(number, parent, key)
{
    private volatile TreeInside _inside = place;

    /// <summary>Where it stands: of a submodule, in its superproject.</summary>
    public TreeInside Place { get; } = place;

    /// <summary>What is in it.</summary>
    public TreeInside Inside
    {
        get => _inside;
        protected set => _inside = value;
    }

    /// <summary>Whether it is all of the commit.</summary>
    public bool IsRoot => isRoot;

    public override Attributes Attributes => NodeAttributes.OfDirectory(Inode, Place.Commit.Time);

    /// <summary>Its tree, if it is in memory.</summary>
    public virtual TreeContent? Content => _inside is var inside ? inside.Served.Trees.Get(inside.Tree) : null;

    public virtual GitAttributes ExtendedAttributes => new()
    {
        ObjectId = Place.Tree.ToHex(Place.Served.Repository.Format),
        Commit = isRoot ? Place.Commit.Id.ToHex(Place.Served.Repository.Format) : null,
    };

    /// <summary>Whether somebody listed it, with attributes.</summary>
    public volatile bool IsListed;

    /// <summary>The file that was read last, by its place in the tree; -1 for none.</summary>
    public volatile int LastRead = -1;

    /// <summary>The last file that is read ahead of its reader; -1 for none.</summary>
    public volatile int AheadTo = -1;

    private int _isAhead;

    /// <summary>Whether the directories in it are to be read ahead: true once.</summary>
    public bool TryBeginAhead() => Volatile.Read(ref _isAhead) == 0 && Interlocked.Exchange(ref _isAhead, 1) == 0;

    /// <summary>The number of a file in it, by its place in the tree.</summary>
    public ulong GetInode(int entry) => Number + (ulong)entry + 1;

    /// <summary>Its tree. May wait for a disk.</summary>
    /// <returns>EIO, with a line in the log, if it is missing or damaged.</returns>
    public virtual Result<TreeContent> Read() => Inside is var inside ? inside.Served.Reader.Read(inside.Tree) : default;

    /// <summary>The directory or submodule at a place in the tree.</summary>
    public TreeNode Enter(NodeTable table, TreeContent content, int entry)
    {
        TreeInside inside = Inside;
        ObjectId id = content.GetId(entry);
        EntryKey position = new(Number, entry, id);
        bool isSubmodule = content.GetKind(entry) == TreeEntryKind.Submodule;
        TreeInside below = inside with
        {
            Tree = isSubmodule ? inside.Served.Repository.Format.EmptyTree : id,
            PathDigest = PathTimes.Derive(inside.PathDigest, content.GetName(entry)),
        };
        return table.Enter(InodeNumbers.Derive(Number, content.GetName(entry)), position, chosen =>
            isSubmodule ? new SubmoduleNode(chosen, this, position, below, id) : new TreeNode(chosen, this, position, below, isRoot: false));
    }

    private sealed record EntryKey(ulong Parent, int Entry, ObjectId Tree);
}
