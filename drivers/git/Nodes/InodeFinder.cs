using Kaleidofs.Drivers.Git.Trees;

namespace Kaleidofs.Drivers.Git.Nodes;

/// <summary>Finds the directory of an inode that an earlier process told, or that was forgotten since, by going through all of the commit's tree.</summary>
internal sealed class InodeFinder(NodeTable nodes, TreeNode root)
{
    /// <summary>Directories that are looked at: few objects can be a tree without end, the same one at many places.</summary>
    private const int MaxWalk = 1_000_000;

    private readonly Lock _walking = new();
    private long _droppedAtWalk = -1;

    /// <summary>Sees to it that the node is in the table, if there is such a one. May wait for a disk.</summary>
    public bool TryEnter(ulong inode)
    {
        ulong number = InodeNumbers.GetDirectory(inode);
        lock (_walking)
        {
            if (nodes.Get(number) is not null)
            {
                return true;
            }
            if (_droppedAtWalk == nodes.Dropped)
            {
                // All of the tree is in the table: there is no such inode.
                return false;
            }
            long dropped = nodes.Dropped;
            Stack<TreeNode> pending = new([root]);
            int entered = 0;
            while (entered < MaxWalk && pending.TryPop(out TreeNode? tree))
            {
                Result<TreeContent> read = tree.Read();
                for (int entry = 0; read.IsOk && entry < read.Value.Count; entry++)
                {
                    if (read.Value.IsDirectory(entry) && read.Value.IsServed(entry))
                    {
                        TreeNode child = tree.Enter(nodes, read.Value, entry);
                        pending.Push(child);
                        entered++;
                        nodes.Forget(child.Number, 1);
                    }
                }
                if (nodes.Get(number) is not null)
                {
                    return true;
                }
            }
            _droppedAtWalk = dropped;
            return false;
        }
    }
}
