namespace Kaleidofs.Trees;

/// <summary>
/// A tree that is served while it is built: one thread adds entries, each within <see cref="Enter"/>, and any number of others
/// look at what there is.
/// </summary>
/// <param name="builder">What the entries are added to.</param>
public sealed class TreeGrowth(TreeBuilder builder)
{
    private readonly Lock _lock = new();
    private readonly Tree _tree = builder.Tree;
    // Until all is there nothing can be sorted: the entries of a directory in a list, in the source's order. 0 ends one, as the root is in none.
    private readonly Column<int> _firstChild = new();
    private readonly Column<int> _lastChild = new();
    private readonly Column<int> _nextSibling = new();

    /// <summary>Keeps others away while an entry, with all that belongs to it, is added; they stay away until the scope is left.</summary>
    public Lock.Scope Enter() => _lock.EnterScope();

    /// <summary>How many entries there are, in a thread's own time.</summary>
    internal int Count
    {
        get
        {
            lock (_lock)
            {
                return builder.Count;
            }
        }
    }

    /// <summary>What a name leads to now; no inode if it leads nowhere yet.</summary>
    internal Result<Entry> Find(ulong parent, ReadOnlySpan<byte> name)
    {
        lock (_lock)
        {
            if (!TryGetNode(parent, out int directory))
            {
                return Errno.ESTALE;
            }
            if (!_tree.IsDirectory(directory))
            {
                return Errno.ENOTDIR;
            }
            return _tree.TryFind(directory, name, out int node) ? GetEntry(node) : default(Entry);
        }
    }

    /// <summary>What stat(2) tells of an inode now.</summary>
    internal Result<Attributes> GetAttributes(ulong inode)
    {
        lock (_lock)
        {
            return TryGetNode(inode, out int node) ? GetEntry(node).Attributes : Errno.ESTALE;
        }
    }

    /// <summary>The directory that holds an inode now.</summary>
    internal Result<ulong> GetParent(ulong inode)
    {
        lock (_lock)
        {
            return TryGetNode(inode, out int node) && _tree.GetParent(node) is int parent and >= 0 ? Tree.ToInode(parent) : Errno.ESTALE;
        }
    }

    /// <summary>A symbolic link's target; empty if the source tells it elsewhere.</summary>
    internal Result<ReadOnlyMemory<byte>> GetTarget(ulong inode)
    {
        lock (_lock)
        {
            return !TryGetNode(inode, out int node) ? Errno.ESTALE
                : (_tree.GetMode(node) & FileType.Mask) != FileType.SymbolicLink ? Errno.EINVAL
                : _tree.TryGetTarget(node, out ReadOnlyMemory<byte> target) ? target
                : ReadOnlyMemory<byte>.Empty;
        }
    }

    /// <summary>An inode's extended attributes; null if it has none.</summary>
    internal Result<ExtendedAttributeSet?> GetExtendedAttributes(ulong inode)
    {
        lock (_lock)
        {
            return TryGetNode(inode, out int node) ? _tree.GetExtendedAttributes(node) : Errno.ESTALE;
        }
    }

    /// <summary>Lists the entries of a directory that are there by now, behind one of them.</summary>
    /// <param name="inode">The directory.</param>
    /// <param name="last">The entry behind which to begin; 0 for the first. Any number at all.</param>
    /// <param name="destination">Takes them.</param>
    /// <returns>Whether one was there, taken or not.</returns>
    internal Result<bool> List(ulong inode, ulong last, DirectoryWriter destination)
    {
        lock (_lock)
        {
            if (!TryGetNode(inode, out int directory))
            {
                return Errno.ESTALE;
            }
            if (!_tree.IsDirectory(directory))
            {
                return Errno.ENOTDIR;
            }
            LinkSiblings();
            bool isThere = false;
            int entry = last == 0 ? _firstChild[directory] : last < (ulong)_nextSibling.Count ? _nextSibling[(int)last] : 0;
            for (; entry != 0; entry = _nextSibling[entry])
            {
                // One that lost its name to a later one is in the list still, and one that nobody listed may be another directory's.
                if (_tree.GetParent(entry) != directory)
                {
                    continue;
                }
                isThere = true;
                if (!destination.TryAdd(_tree.GetName(entry), ToCookie(entry), GetEntry(_tree.Resolve(entry))))
                {
                    break;
                }
            }
            return isThere;
        }
    }

    /// <summary>What a listing of a tree that still grows continues behind.</summary>
    internal static ulong ToCookie(int entry) => GrowingCookie | (uint)entry;

    /// <summary>The entry that such a listing has come to; false for a listing of a tree that is complete.</summary>
    internal static bool TryGetEntry(ulong cookie, out ulong entry)
    {
        entry = cookie & uint.MaxValue;
        return (cookie & GrowingCookie) != 0;
    }

    private const ulong GrowingCookie = 1UL << 61;

    private bool TryGetNode(ulong inode, out int node)
    {
        ulong index = inode - FileSystem.RootInode;
        node = (int)index;
        return index < (ulong)builder.Count && _tree.GetMode(node) != TreeColumns.NotANode;
    }

    /// <summary>Nothing is cached: a later entry may take a name, or say more of a directory.</summary>
    private Entry GetEntry(int node)
    {
        Entry entry = new() { NameTime = CacheTime.None, AttributeTime = CacheTime.None };
        _tree.GetAttributes(node, out entry.Attributes);
        if (entry.Attributes.IsDirectory)
        {
            // What those say that do not count.
            entry.Attributes.LinkCount = 1;
        }
        return entry;
    }

    private void LinkSiblings()
    {
        int entry = _nextSibling.Count;
        _firstChild.FillTo(builder.Count, 0);
        _lastChild.FillTo(builder.Count, 0);
        _nextSibling.FillTo(builder.Count, 0);
        for (; entry < builder.Count; entry++)
        {
            int parent = _tree.GetParent(entry);
            if (entry == 0 || parent < 0)
            {
                continue;
            }
            if (_lastChild[parent] is int last and not 0)
            {
                _nextSibling[last] = entry;
            }
            else
            {
                _firstChild[parent] = entry;
            }
            _lastChild[parent] = entry;
        }
    }
}
