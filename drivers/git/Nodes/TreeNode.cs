using Kaleidofs.Drivers.Git.Objects;
using Kaleidofs.Drivers.Git.Times;
using Kaleidofs.Drivers.Git.Trees;

namespace Kaleidofs.Drivers.Git.Nodes;

/// <summary>A directory of a commit.</summary>
internal sealed class TreeNode(ulong number, Node? parent, object key, ObjectId tree, CommitFacts commit, bool isRoot, ulong digest)
    : Node(number, parent, key)
{
    /// <summary>The tree object.</summary>
    public ObjectId Tree => tree;

    /// <summary>The commit that it is of.</summary>
    public CommitFacts Commit => commit;

    /// <summary>Whether it is all of the commit.</summary>
    public bool IsRoot => isRoot;

    /// <summary>The digest of its path in the commit.</summary>
    public ulong PathDigest => digest;

    public override Attributes Attributes => NodeAttributes.OfDirectory(Inode, commit.Time);

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

    /// <summary>The directory at a place in the tree.</summary>
    public TreeNode Enter(NodeTable table, TreeContent content, int entry)
    {
        ObjectId id = content.GetId(entry);
        EntryKey place = new(Number, entry, id);
        ulong path = PathTimes.Derive(digest, content.GetName(entry));
        return table.Enter(InodeNumbers.Derive(Number, content.GetName(entry)), place, chosen =>
            new TreeNode(chosen, this, place, id, commit, isRoot: false, path));
    }

    private sealed record EntryKey(ulong Parent, int Entry, ObjectId Tree);
}
