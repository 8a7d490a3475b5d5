using Kaleidofs.Drivers.Git.Objects;

namespace Kaleidofs.Drivers.Git.Trees;

/// <summary>Which paths differ between two trees, in the order of <c>git diff-tree -r --no-renames</c>. Only directories that differ are looked at.</summary>
/// <param name="repository">Where they are.</param>
/// <param name="trees">Keeps what is looked at.</param>
/// <param name="take">Takes a path with what was and what is there, and says whether to go on.</param>
internal sealed class TreeDiff(Repository repository, TreeCache trees, Func<byte[], TreeSide?, TreeSide?, Errno> take)
{
    private const int MaxDepth = 1000;

    /// <summary>Few objects can be a tree without end: the same one at many places.</summary>
    private const int MaxTrees = 200_000;

    private Errno _errno;
    private int _trees;

    /// <summary>Compares them; null for a tree that is not there stands for an empty one.</summary>
    public Errno Compare(ObjectId? before, ObjectId? after)
    {
        CompareTrees(before, after, [], depth: 0);
        return _errno;
    }

    /// <summary>Against the first parent; of the first commit everything is new. In a shallow clone the parent may not be there.</summary>
    public Errno CompareWithParent(CommitFacts commit)
    {
        if (commit.Parents.Count == 0)
        {
            return Compare(null, commit.Tree);
        }
        Result<CommitFacts> parent = repository.ReadCommit(commit.Parents[0]);
        return parent.IsOk ? Compare(parent.Value.Tree, commit.Tree) : parent.Errno;
    }

    private void CompareTrees(ObjectId? before, ObjectId? after, byte[] prefix, int depth)
    {
        if (depth > MaxDepth || _trees++ > MaxTrees)
        {
            _errno = Errno.EFBIG;
        }
        if (_errno != Errno.None || before == after || Read(before) is not { } old || Read(after) is not { } current)
        {
            return;
        }
        (int left, int right) = (0, 0);
        while (_errno == Errno.None && (left < old.Count || right < current.Count))
        {
            int order = left == old.Count ? 1 : right == current.Count ? -1 : CompareNames(old, left, current, right);
            if (order < 0)
            {
                Take(old, left++, isBefore: true, prefix, depth);
            }
            else if (order > 0)
            {
                Take(current, right++, isBefore: false, prefix, depth);
            }
            else
            {
                TakeChange(old, left++, current, right++, prefix, depth);
            }
        }
    }

    private TreeContent? Read(ObjectId? id)
    {
        Result<TreeContent> read = id is { } tree ? repository.ReadTree(tree, trees) : TreeContent.Parse([], repository.Format);
        _errno = read.Errno;
        return read.IsOk ? read.Value : null;
    }

    private void TakeChange(TreeContent old, int left, TreeContent current, int right, byte[] prefix, int depth)
    {
        (TreeEntryKind before, TreeEntryKind after) = (old.GetKind(left), current.GetKind(right));
        if (before == TreeEntryKind.Directory)
        {
            CompareTrees(old.GetId(left), current.GetId(right), Join(prefix, current.GetName(right)), depth + 1);
        }
        else if (before != after || old.GetId(left) != current.GetId(right))
        {
            Take(Join(prefix, current.GetName(right)), new TreeSide(old.GetId(left), before), new TreeSide(current.GetId(right), after));
        }
    }

    private void Take(TreeContent content, int entry, bool isBefore, byte[] prefix, int depth)
    {
        byte[] path = Join(prefix, content.GetName(entry));
        TreeSide side = new(content.GetId(entry), content.GetKind(entry));
        if (side.Kind != TreeEntryKind.Directory)
        {
            Take(path, isBefore ? side : null, isBefore ? null : side);
            return;
        }
        CompareTrees(isBefore ? side.Id : null, isBefore ? null : side.Id, path, depth + 1);
    }

    private void Take(byte[] path, TreeSide? before, TreeSide? after)
    {
        if (_errno == Errno.None)
        {
            _errno = take(path, before, after);
        }
    }

    private static byte[] Join(byte[] prefix, ReadOnlySpan<byte> name) => prefix.Length == 0 ? name.ToArray() : [.. prefix, (byte)'/', .. name];

    /// <summary>Git sorts a directory as if a slash stood behind its name.</summary>
    private static int CompareNames(TreeContent left, int leftEntry, TreeContent right, int rightEntry)
    {
        ReadOnlySpan<byte> first = left.GetName(leftEntry);
        ReadOnlySpan<byte> second = right.GetName(rightEntry);
        int common = Math.Min(first.Length, second.Length);
        int order = first[..common].SequenceCompareTo(second[..common]);
        return order != 0 ? order : GetNext(left, leftEntry, first, common) - GetNext(right, rightEntry, second, common);
    }

    private static int GetNext(TreeContent content, int entry, ReadOnlySpan<byte> name, int at)
        => at < name.Length ? name[at] : content.GetKind(entry) == TreeEntryKind.Directory ? '/' : 0;
}
