namespace Kaleidofs.Paths;

/// <summary>A path that a <see cref="PathFileSystem"/> knows: the place of its inode number. It changes under the table's lock alone.</summary>
public sealed class PathNode
{
    private Attributes _attributes;

    internal PathNode(ulong inode, PathNode? parent, byte[] name)
    {
        Inode = inode;
        Parent = parent;
        NameBytes = name;
    }

    /// <summary>The inode number.</summary>
    public ulong Inode { get; }

    /// <summary>The directory that it is in; null for the root. What is removed keeps the one that it was in.</summary>
    public PathNode? Parent { get; internal set; }

    /// <summary>Its name there; empty for the root.</summary>
    public ReadOnlyMemory<byte> Name => NameBytes;

    /// <summary>What the driver left with the last facts.</summary>
    public object? State { get; internal set; }

    /// <summary>Whether its name is gone, here or at the source. Its inode number may still be in use.</summary>
    public bool IsGone { get; internal set; }

    /// <summary>Whether it is a directory; that never changes: a path that becomes something else gets another inode number.</summary>
    public bool IsDirectory => _attributes.IsDirectory;

    /// <summary>Type and permission bits, as they were told last.</summary>
    public uint Mode => _attributes.Mode;

    /// <summary>The attributes as they were told last.</summary>
    public Attributes Attributes => _attributes;

    internal byte[] NameBytes { get; set; }

    /// <summary>Until when the facts hold, in the clock's milliseconds.</summary>
    internal long FreshUntil { get; set; }

    /// <summary>The table's step in which it was last changed by this process: what was asked before that is out of date.</summary>
    internal long ChangedIn { get; set; }

    /// <summary>References that the kernel has.</summary>
    internal ulong Lookups { get; set; }

    /// <summary>Whether the next process will know its number.</summary>
    internal bool IsNoted { get; set; }

    /// <summary>While above 0, what this process knows of it is the truth: it has changes that the source has not.</summary>
    internal int Holds { get; set; }

    /// <summary>The listing that it was last added to.</summary>
    internal PathListing? Listing { get; set; }

    /// <summary>Its place in that listing.</summary>
    internal int ListedAt { get; set; }

    /// <summary>What is in it, if it is a directory that something is known of.</summary>
    internal PathDirectory? Directory { get; set; }

    internal ref readonly Attributes AttributesInPlace => ref _attributes;

    internal void Tell(in PathFacts facts)
    {
        _attributes = facts.Attributes;
        _attributes.Inode = Inode;
        State = facts.State;
    }

    internal bool IsFresh(long now) => Holds > 0 || FreshUntil > now;
}
