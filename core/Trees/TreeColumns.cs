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
    public readonly List<(uint UserId, uint GroupId)> Owners = [];

    /// <summary>Hard links: the entry (not a node itself) and the node that it names.</summary>
    public readonly Dictionary<int, int> HardLinks = [];
    /// <summary>How many names a node has, where that is not one.</summary>
    public readonly Dictionary<int, int> LinkCounts = [];
    public readonly Dictionary<int, (uint Offset, int Length)> Targets = [];
    public readonly Dictionary<int, uint> Devices = [];
    public readonly Dictionary<int, TreeTimes> Times = [];
    public readonly Dictionary<int, ulong> Blocks = [];
    public readonly Dictionary<int, ExtendedAttributeSet> ExtendedAttributes = [];

    /// <summary>The mode of a hard link's entry, and of a node that nothing names any more.</summary>
    public const ushort NotANode = 0;

    public int Count => Parent.Count;

    public bool IsDirectory(int entry) => (Mode[entry] & FileType.Mask) == FileType.Directory;

    public ReadOnlySpan<byte> GetName(int entry) => Heap.GetName(Name[entry]);

    /// <summary>The node that an entry names.</summary>
    public int Resolve(int entry) => Mode[entry] == NotANode && HardLinks.TryGetValue(entry, out int node) ? node : entry;
}
