namespace Kaleidofs.Trees;

/// <summary>
/// Builds a <see cref="Tree"/> from entries with paths, in the source's order. Each entry gets the next number;
/// so do directories that no entry names, when they are first needed: the same source gives the same numbers.
/// </summary>
/// <remarks>
/// Paths come from sources that nobody vouches for. A leading '/', empty components and '.' mean nothing. A later
/// entry takes a name from an earlier one, but a directory keeps its name from what is none. See
/// <see cref="PathRefusal"/> for what is not taken.
/// </remarks>
public sealed partial class TreeBuilder
{
    /// <summary>The most components that a path may have.</summary>
    public const int MaxDepth = 1000;

    /// <summary>The longest path in bytes.</summary>
    public const int MaxPathLength = 65535;

    /// <summary>The most entries of a tree, some 2 GB of them.</summary>
    public const int MaxEntries = 1 << 24;

    /// <summary>The most bytes of what few entries have: link targets, extended attributes, maps of holes.</summary>
    private const long MetadataBudget = 256L << 20;

    /// <summary>Directories that no entry names are bounded by this many, and as many for each entry as <see cref="ImpliedPerEntry"/> says.</summary>
    private const int ImpliedAtLeast = 1 << 16;
    private const int ImpliedPerEntry = 4;

    private readonly TreeColumns _columns = new();
    private readonly NameTable _names;
    private readonly Dictionary<OwnerIds, int> _ownerNumbers = [];
    private readonly TreeNode _implied;
    private readonly List<int> _nameless = [];
    private long _impliedCount;
    private long _metadata;
    private long _addedCount;
    private OwnerIds _lastOwner;
    private int _lastOwnerNumber = -1;
    // The directory of the last entry: the next one is mostly in the same.
    private byte[] _lastDirectoryPath = [];
    private int _lastDirectoryLength = -1;
    private int _lastDirectory;

    /// <summary>An empty tree, with a root.</summary>
    /// <param name="implied">What directories are like that no entry names, the root among them.</param>
    /// <param name="expectedEntries">How many entries there may be; a wrong number costs only time.</param>
    public TreeBuilder(in TreeNode implied, int expectedEntries = 0)
    {
        _implied = implied;
        _implied.Mode = FileType.Directory | (implied.Mode & ~FileType.Mask);
        _names = new NameTable(_columns, expectedEntries);
        Tree = new Tree(_columns, _names);
        Append(0, _columns.Heap.AddName([]), _implied);
    }

    /// <summary>How many entries there are, the root and implied directories included: the number of the next one.</summary>
    public int Count => _columns.Count;

    /// <summary>What <see cref="MaxEntries"/> is for this tree: a test has no room for so many.</summary>
    internal int EntryLimit { get; init; } = MaxEntries;

    /// <summary>How many entries lost their name to a later one.</summary>
    public long ReplacedCount { get; private set; }

    /// <summary>The tree that is being built. Until <see cref="Build"/> it tells of what was added only the mode, the size, the name and the parent.</summary>
    public Tree Tree { get; }

    /// <summary>Adds an entry, or tells why not.</summary>
    /// <param name="path">The path from the root.</param>
    /// <param name="node">What it is.</param>
    /// <param name="entry">Its number: a new one, or for a directory that is there already, that one's.</param>
    public PathRefusal Add(ReadOnlySpan<byte> path, in TreeNode node, out int entry)
    {
        entry = -1;
        bool isDirectory = (node.Mode & FileType.Mask) == FileType.Directory;
        Split(path, out ReadOnlySpan<byte> directoryPath, out ReadOnlySpan<byte> name);
        PathRefusal refusal = FindPlace(directoryPath, name, out int parent, out int existing);
        if (refusal != PathRefusal.None)
        {
            return refusal;
        }
        _addedCount++;
        if (name.IsEmpty || (existing != 0 && _columns.IsDirectory(existing)))
        {
            if (!isDirectory)
            {
                return PathRefusal.IsDirectory;
            }
            entry = existing;
            Assign(entry, node);
            return PathRefusal.None;
        }
        entry = Place(parent, name, existing, node);
        return PathRefusal.None;
    }

    /// <summary>Counts memory that is taken by more than an entry's columns and name. A source of a few bytes may unfold to any amount.</summary>
    /// <exception cref="SourceException">It is more than a tree may take.</exception>
    public void CountMetadata(long bytes)
    {
        _metadata += bytes;
        if (_metadata > MetadataBudget)
        {
            throw new SourceException($"its link targets, extended attributes and maps of holes take over {MetadataBudget >> 20} MiB: refused");
        }
    }

    /// <summary>Sets a symbolic link's target.</summary>
    public void SetTarget(int entry, ReadOnlySpan<byte> target)
    {
        CountMetadata(target.Length + 32);
        _columns.Targets[entry] = new HeapRange(_columns.Heap.Add(target), target.Length);
        _columns.Size[entry] = target.Length;
    }

    /// <summary>Sets a device file's number, in the kernel's encoding.</summary>
    public void SetDevice(int entry, uint device) => _columns.Devices[entry] = device;

    /// <summary>Sets the times of an entry whose access or change time differs from its modification time.</summary>
    public void SetTimes(int entry, Timestamp access, Timestamp modification, Timestamp change)
        => _columns.Times[entry] = new TreeTimes(access, modification, change);

    /// <summary>Sets how many units of 512 bytes a file with holes takes.</summary>
    public void SetBlocks(int entry, ulong blocks) => _columns.Blocks[entry] = blocks;

    /// <summary>Sets an entry's extended attributes.</summary>
    public void SetExtendedAttributes(int entry, ExtendedAttributeSet attributes) => _columns.ExtendedAttributes[entry] = attributes;

    /// <summary>
    /// Gives a file its name back from the directory that took it, and forgets that one and all entries after it, which must be beneath it.
    /// Their numbers stay in use, and lead nowhere.
    /// </summary>
    /// <param name="directory">The directory.</param>
    /// <param name="file">The file.</param>
    public void Withdraw(int directory, int file)
    {
        _columns.Parent[file] = _columns.Parent[directory];
        _columns.LinkCounts[file] = _columns.LinkCounts.GetValueOrDefault(file, 1) + 1;
        _names.Set(file);
        ForgetVersions(directory, file);
        for (int entry = directory; entry < Count; entry++)
        {
            _columns.Parent[entry] = TreeColumns.NoParent;
            _columns.Mode[entry] = TreeColumns.NotANode;
            _columns.HardLinks.Remove(entry);
            _columns.ExtendedAttributes.Remove(entry);
        }
        _pendingLinks.Clear();
        _lastDirectoryLength = -1;
    }

    /// <summary>Ends the building. The builder must not be used afterwards.</summary>
    public Tree Build()
    {
        ResolveLinks();
        PlaceVersions();
        foreach (int entry in _nameless)
        {
            if (_columns.LinkCounts.GetValueOrDefault(entry) == 0)
            {
                _columns.Mode[entry] = TreeColumns.NotANode;
            }
        }
        Tree.Complete();
        return Tree;
    }

    /// <summary>Puts an entry under a name, which it takes from the entry that has it.</summary>
    private int Place(int parent, ReadOnlySpan<byte> name, int existing, in TreeNode node)
    {
        uint heapName = existing != 0 ? _columns.Name[existing] : _columns.Heap.AddName(name);
        int entry = Append(parent, heapName, node);
        _names.Set(entry);
        if (existing != 0)
        {
            Unname(existing);
        }
        return entry;
    }

    private void Unname(int entry)
    {
        ReplacedCount++;
        int node = _columns.Resolve(entry);
        KeepVersion(entry, node);
        _columns.Parent[entry] = TreeColumns.NoParent;
        _columns.HardLinks.Remove(entry);
        _columns.LinkCounts[node] = _columns.LinkCounts.GetValueOrDefault(node, 1) - 1;
        _nameless.Add(node);
    }

    private int Append(int parent, uint name, in TreeNode node)
    {
        int entry = _columns.Count;
        if (entry >= EntryLimit)
        {
            throw new SourceException($"it has over {EntryLimit} entries: refused");
        }
        _columns.Parent.Add(parent);
        _columns.Name.Add(name);
        _columns.Mode.Add(0);
        _columns.Owner.Add(0);
        _columns.Size.Add(0);
        _columns.ModificationTime.Add(0);
        Assign(entry, node);
        return entry;
    }

    private void Assign(int entry, in TreeNode node)
    {
        const long SecondNanoseconds = 1_000_000_000;
        _columns.Mode[entry] = (ushort)node.Mode;
        _columns.Owner[entry] = FindOwner(new OwnerIds(node.UserId, node.GroupId));
        _columns.Size[entry] = (node.Mode & FileType.Mask) == FileType.Directory ? 0 : node.Size;
        Timestamp time = node.ModificationTime;
        if (time.Seconds is > long.MinValue / SecondNanoseconds and < long.MaxValue / SecondNanoseconds)
        {
            _columns.ModificationTime[entry] = (time.Seconds * SecondNanoseconds) + time.Nanoseconds;
            _columns.Times.Remove(entry);
        }
        else
        {
            SetTimes(entry, time, time, time);
        }
    }

    private int FindOwner(OwnerIds owner)
    {
        if (owner == _lastOwner && _lastOwnerNumber >= 0)
        {
            return _lastOwnerNumber;
        }
        if (!_ownerNumbers.TryGetValue(owner, out int number))
        {
            number = _columns.Owners.Count;
            _columns.Owners.Add(owner);
            _ownerNumbers.Add(owner, number);
        }
        _lastOwner = owner;
        _lastOwnerNumber = number;
        return number;
    }
}
