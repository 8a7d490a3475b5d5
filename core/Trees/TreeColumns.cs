namespace Kaleidofs.Trees;

/// <summary>
/// A tree's entries in columns: entry 0 is the root, entry i has inode number i + 1. What few entries have
/// stands in dictionaries beside.
/// </summary>
internal sealed class TreeColumns
{
    /// <summary>The parent of an entry that lost its name to a later one.</summary>
    public const int NoParent = -1;

    /// <summary>The directory that holds the entry; the root's is the root.</summary>
    public readonly Column<int> Parent = new();

    /// <summary>Where the heap has the name.</summary>
    public readonly Column<uint> Name = new();

    /// <summary>Type and permission bits; <see cref="NotANode"/> where the number leads to no inode.</summary>
    public readonly Column<ushort> Mode = new();

    /// <summary>Position in <see cref="Owners"/>.</summary>
    public readonly Column<int> Owner = new();

    /// <summary>A file's size; a directory's link count.</summary>
    public readonly Column<long> Size = new();

    /// <summary>Nanoseconds since 1970, unless <see cref="Times"/> has the entry.</summary>
    public readonly Column<long> ModificationTime = new();

    public readonly ByteHeap Heap = new();
    public readonly Column<OwnerIds> Owners = new();

    /// <summary>Hard links: the entry (not a node itself) and the node that it names.</summary>
    public readonly SparseColumn<int> HardLinks = new();
    /// <summary>How many names a node has, where that is not one.</summary>
    public readonly SparseColumn<int> LinkCounts = new();
    public readonly SparseColumn<HeapRange> Targets = new();
    public readonly SparseColumn<uint> Devices = new();
    public readonly SparseColumn<TreeTimes> Times = new();
    public readonly SparseColumn<ulong> Blocks = new();
    public readonly ExtendedAttributeColumn ExtendedAttributes = new();

    /// <summary>The mode of a hard link's entry, and of a node that nothing names any more.</summary>
    public const ushort NotANode = 0;

    public TreeColumns()
    {
    }

    /// <summary>The columns of a file.</summary>
    public TreeColumns(IndexFile file)
    {
        Parent = file.GetColumn<int>(TreeSections.Parent);
        Name = file.GetColumn<uint>(TreeSections.Name);
        Mode = file.GetColumn<ushort>(TreeSections.Mode);
        Owner = file.GetColumn<int>(TreeSections.Owner);
        Size = file.GetColumn<long>(TreeSections.Size);
        ModificationTime = file.GetColumn<long>(TreeSections.ModificationTime);
        Heap = new ByteHeap(file, TreeSections.Heap);
        Owners = file.GetColumn<OwnerIds>(TreeSections.Owners);
        HardLinks = new SparseColumn<int>(file, TreeSections.HardLinks);
        LinkCounts = new SparseColumn<int>(file, TreeSections.LinkCounts);
        Targets = new SparseColumn<HeapRange>(file, TreeSections.Targets);
        Devices = new SparseColumn<uint>(file, TreeSections.Devices);
        Times = new SparseColumn<TreeTimes>(file, TreeSections.Times);
        Blocks = new SparseColumn<ulong>(file, TreeSections.Blocks);
        ExtendedAttributes = new ExtendedAttributeColumn(file, TreeSections.ExtendedAttributes);
        if (Count is 0 or > TreeBuilder.MaxEntries
            || Name.Count != Count || Mode.Count != Count || Owner.Count != Count || Size.Count != Count || ModificationTime.Count != Count)
        {
            file.Refuse();
        }
    }

    public int Count => Parent.Count;

    public bool IsDirectory(int entry) => (Mode[entry] & FileType.Mask) == FileType.Directory;

    public ReadOnlySpan<byte> GetName(int entry) => Heap.GetName(Name[entry]);

    /// <summary>The node that an entry names.</summary>
    public int Resolve(int entry) => Mode[entry] == NotANode && HardLinks.TryGetValue(entry, out int node) ? node : entry;

    /// <summary>Writes them all.</summary>
    public void Save(IndexWriter writer)
    {
        writer.Add(TreeSections.Parent, Parent);
        writer.Add(TreeSections.Name, Name);
        writer.Add(TreeSections.Mode, Mode);
        writer.Add(TreeSections.Owner, Owner);
        writer.Add(TreeSections.Size, Size);
        writer.Add(TreeSections.ModificationTime, ModificationTime);
        Heap.Save(writer, TreeSections.Heap);
        writer.Add(TreeSections.Owners, Owners);
        HardLinks.Save(writer, TreeSections.HardLinks, Count);
        LinkCounts.Save(writer, TreeSections.LinkCounts, Count);
        Targets.Save(writer, TreeSections.Targets, Count);
        Devices.Save(writer, TreeSections.Devices, Count);
        Times.Save(writer, TreeSections.Times, Count);
        Blocks.Save(writer, TreeSections.Blocks, Count);
        ExtendedAttributes.Save(writer, TreeSections.ExtendedAttributes, Count);
    }
}
