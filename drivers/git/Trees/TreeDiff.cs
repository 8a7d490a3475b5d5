using System.Buffers;
using Kaleidofs.Drivers.Git.Objects;

namespace Kaleidofs.Drivers.Git.Trees;

/// <summary>Which paths differ between two trees, as <c>git diff-tree -r --no-renames --name-status</c> writes it. Only directories that differ are looked at.</summary>
internal sealed class TreeDiff(Repository repository, TreeCache trees)
{
    private const int MaxDepth = 1000;
    private const int MaxLength = 16 << 20;

    /// <summary>Few objects can be a tree without end: the same one at many places.</summary>
    private const int MaxTrees = 200_000;

    private readonly ArrayBufferWriter<byte> _lines = new();
    private Errno _errno;
    private int _trees;

    /// <summary>The lines; null for a tree that is not there stands for an empty one.</summary>
    public Result<byte[]> Compare(ObjectId? before, ObjectId? after)
    {
        CompareTrees(before, after, [], depth: 0);
        return _errno == Errno.None ? _lines.WrittenSpan.ToArray() : _errno;
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
                Write('D', old, left++, isBefore: true, prefix, depth);
            }
            else if (order > 0)
            {
                Write('A', current, right++, isBefore: false, prefix, depth);
            }
            else
            {
                WriteChange(old, left++, current, right++, prefix, depth);
            }
        }
    }

    private TreeContent? Read(ObjectId? id)
    {
        Result<TreeContent> read = id is { } tree ? repository.ReadTree(tree, trees) : TreeContent.Parse([], repository.Format);
        _errno = read.Errno;
        return read.IsOk ? read.Value : null;
    }

    private void WriteChange(TreeContent old, int left, TreeContent current, int right, byte[] prefix, int depth)
    {
        (TreeEntryKind before, TreeEntryKind after) = (old.GetKind(left), current.GetKind(right));
        if (before == TreeEntryKind.Directory)
        {
            CompareTrees(old.GetId(left), current.GetId(right), Join(prefix, current.GetName(right)), depth + 1);
        }
        else if (before != after || old.GetId(left) != current.GetId(right))
        {
            bool isOtherType = IsFile(before) != IsFile(after) || (!IsFile(before) && before != after);
            WriteLine(isOtherType ? 'T' : 'M', Join(prefix, current.GetName(right)));
        }
    }

    private void Write(char status, TreeContent content, int entry, bool isBefore, byte[] prefix, int depth)
    {
        byte[] path = Join(prefix, content.GetName(entry));
        if (content.GetKind(entry) != TreeEntryKind.Directory)
        {
            WriteLine(status, path);
            return;
        }
        ObjectId id = content.GetId(entry);
        CompareTrees(isBefore ? id : null, isBefore ? null : id, path, depth + 1);
    }

    private void WriteLine(char status, ReadOnlySpan<byte> path)
    {
        if (_errno != Errno.None || _lines.WrittenCount > MaxLength)
        {
            // Long paths to many names cost few objects.
            _errno = _errno == Errno.None ? Errno.EFBIG : _errno;
            return;
        }
        _lines.Write([(byte)status, (byte)'\t']);
        QuotedPath.Write(_lines, path);
        _lines.Write("\n"u8);
    }

    private static bool IsFile(TreeEntryKind kind) => kind is TreeEntryKind.File or TreeEntryKind.Executable or TreeEntryKind.GroupWritable;

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
