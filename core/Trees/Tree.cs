namespace Kaleidofs.Trees;

/// <summary>
/// An immutable index of a source: about 50 bytes an entry and its name, one probe a lookup. Made by <see cref="TreeBuilder"/>, or mapped
/// from a file that it was saved to; safe for all threads, takes no lock, allocates nothing.
/// </summary>
public sealed partial class Tree
{
    private const int Nanosecond = 1_000_000_000;

    private readonly TreeColumns _columns;
    private readonly NameTable _names;
    // The children of entry i: _children[_firstChild[i]] up to _children[_firstChild[i + 1]], in the source's order.
    private readonly Column<int> _firstChild = new();
    private readonly Column<int> _children = new();
    // Numbers that lead to something: none any more, once the tree is known to be wrong.
    private int _validCount;

    internal Tree(TreeColumns columns, NameTable names)
    {
        _columns = columns;
        _names = names;
    }

    /// <summary>Numbers in use; not all of them lead to an inode.</summary>
    public int Count => _columns.Count;

    /// <summary>Inodes.</summary>
    public int NodeCount { get; private set; }

    /// <summary>Bytes in all files.</summary>
    public ulong TotalSize { get; private set; }

    /// <summary>The inode number of an entry.</summary>
    public static ulong ToInode(int entry) => (ulong)entry + FileSystem.RootInode;

    /// <summary>The node of an inode number, which may be any number at all.</summary>
    public bool TryGetNode(ulong inode, out int node)
    {
        ulong index = inode - FileSystem.RootInode;
        node = (int)index;
        return index < (ulong)Volatile.Read(ref _validCount) && _columns.Mode[node] != TreeColumns.NotANode;
    }

    /// <summary>Whether a node is a directory.</summary>
    public bool IsDirectory(int node) => _columns.IsDirectory(node);

    /// <summary>A node's type and permission bits.</summary>
    public uint GetMode(int node) => _columns.Mode[node];

    /// <summary>A file's size.</summary>
    public long GetSize(int node) => _columns.Size[node];

    /// <summary>An entry's last path component.</summary>
    public ReadOnlySpan<byte> GetName(int entry) => _columns.GetName(entry);

    /// <summary>The directory that holds a node (by its first name); -1 if only hard links lead to it.</summary>
    public int GetParent(int node) => _columns.Parent[node];

    /// <summary>The node that a directory has under a name.</summary>
    public bool TryFind(int directory, ReadOnlySpan<byte> name, out int node)
    {
        int entry = _names.Find(directory, name);
        node = _columns.Resolve(entry);
        return entry != 0;
    }

    /// <summary>The entries of a directory, in the source's order.</summary>
    public int GetChildCount(int directory) => _firstChild[directory + 1] - _firstChild[directory];

    /// <summary>An entry of a directory.</summary>
    public int GetChild(int directory, int position) => _children[_firstChild[directory] + position];

    /// <summary>How many entries of a directory are there up to a number, which may be any.</summary>
    internal int CountChildren(int directory, ulong last)
    {
        (int low, int high) = (0, GetChildCount(directory));
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = (ulong)GetChild(directory, middle) <= last ? (middle + 1, high) : (low, middle);
        }
        return low;
    }

    /// <summary>The node that an entry names: itself, but for a hard link.</summary>
    public int Resolve(int entry) => _columns.Resolve(entry);

    /// <summary>A symbolic link's target, if the source told it with the entry.</summary>
    public bool TryGetTarget(int node, out ReadOnlyMemory<byte> target)
    {
        bool found = _columns.Targets.TryGetValue(node, out HeapRange range);
        target = found ? _columns.Heap.Get(range.Offset, range.Length) : default;
        return found;
    }

    /// <summary>Whether any inode has extended attributes.</summary>
    public bool HasExtendedAttributes => _columns.ExtendedAttributes.Count > 0;

    /// <summary>An inode's extended attributes; null if it has none.</summary>
    public ExtendedAttributeSet? GetExtendedAttributes(int node) => _columns.ExtendedAttributes.GetValueOrDefault(node);

    /// <summary>What stat(2) tells of a node.</summary>
    public void GetAttributes(int node, out Attributes attributes)
    {
        attributes = default;
        attributes.Inode = ToInode(node);
        uint mode = _columns.Mode[node];
        attributes.Mode = mode;
        (attributes.UserId, attributes.GroupId) = _columns.Owners[_columns.Owner[node]];
        long size = _columns.Size[node];
        if ((mode & FileType.Mask) == FileType.Directory)
        {
            attributes.LinkCount = (uint)size;
        }
        else
        {
            attributes.Size = (ulong)size;
            attributes.Blocks = _columns.Blocks.Count > 0 && _columns.Blocks.TryGetValue(node, out ulong blocks) ? blocks
                : (mode & FileType.Mask) == FileType.Regular ? ((ulong)size + 511) / 512 : 0;
            attributes.LinkCount = _columns.LinkCounts.Count > 0 ? (uint)_columns.LinkCounts.GetValueOrDefault(node, 1) : 1;
            if ((mode & FileType.Mask) is FileType.BlockDevice or FileType.CharacterDevice)
            {
                attributes.DeviceId = _columns.Devices.GetValueOrDefault(node);
            }
        }
        GetTimes(node, ref attributes);
    }

    private void GetTimes(int node, ref Attributes attributes)
    {
        if (_columns.Times.Count > 0 && _columns.Times.TryGetValue(node, out TreeTimes times))
        {
            (attributes.AccessTime, attributes.ModificationTime, attributes.ChangeTime) = times;
            return;
        }
        long seconds = Math.DivRem(_columns.ModificationTime[node], Nanosecond, out long rest);
        if (rest < 0)
        {
            seconds--;
            rest += Nanosecond;
        }
        attributes.ModificationTime = new Timestamp(seconds, (uint)rest);
        attributes.AccessTime = attributes.ModificationTime;
        attributes.ChangeTime = attributes.ModificationTime;
    }

    /// <summary>Makes what all entries together tell: children in order, link counts. Called once, at the end of building.</summary>
    internal void Complete()
    {
        SortChildren();
        CountLinks();
        _validCount = _columns.Count;
    }

    /// <summary>A counting sort by directory, which keeps the source's order within each.</summary>
    private void SortChildren()
    {
        int count = _columns.Count;
        _firstChild.FillTo(count + 1, 0);
        for (int entry = 1; entry < count; entry++)
        {
            if (_columns.Parent[entry] is int parent and not TreeColumns.NoParent)
            {
                _firstChild[parent]++;
            }
        }
        int sum = 0;
        for (int entry = 0; entry <= count; entry++)
        {
            sum += _firstChild[entry];
            _firstChild[entry] = sum;
        }
        // Each now tells the end of its range; filling from the back leaves it at the beginning.
        _children.FillTo(sum, 0);
        for (int entry = count - 1; entry > 0; entry--)
        {
            if (_columns.Parent[entry] is int parent and not TreeColumns.NoParent)
            {
                _children[--_firstChild[parent]] = entry;
            }
        }
    }

    private void CountLinks()
    {
        for (int entry = 0; entry < _columns.Count; entry++)
        {
            uint mode = _columns.Mode[entry];
            if (mode == TreeColumns.NotANode)
            {
                continue;
            }
            NodeCount++;
            if ((mode & FileType.Mask) != FileType.Directory)
            {
                TotalSize += (ulong)_columns.Size[entry];
                continue;
            }
            // The name above and its own '.', and the '..' of each directory in it.
            _columns.Size[entry] += 2;
            if (entry != 0)
            {
                _columns.Size[_columns.Parent[entry]]++;
            }
        }
    }
}
