using System.Numerics;

namespace Kaleidofs.Paths;

/// <summary>A path that a <see cref="PathFileSystem"/> knows: the place of its inode number. It changes under the table's lock alone.</summary>
/// <remarks>There is one for each name of a long directory, so what few have is apart (<see cref="PathNodeRest"/>).</remarks>
public sealed class PathNode
{
    private ulong _size;
    private long _seconds;
    private uint _nanoseconds;
    private uint _userId;
    private uint _groupId;
    private byte _blockShift;
    private PathNodeRest? _rest;

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
    public bool IsDirectory => (Mode & FileType.Mask) == FileType.Directory;

    /// <summary>Type and permission bits, as they were told last.</summary>
    public uint Mode { get; private set; }

    /// <summary>The attributes as they were told last.</summary>
    public Attributes Attributes
    {
        get
        {
            Timestamp time = new(_seconds, _nanoseconds);
            Attributes attributes = new()
            {
                Inode = Inode,
                Size = _size,
                Blocks = GetBlocks(_size),
                AccessTime = time,
                ModificationTime = time,
                ChangeTime = time,
                Mode = Mode,
                LinkCount = 1,
                UserId = _userId,
                GroupId = _groupId,
                BlockSize = _blockShift == 0 ? 0 : 1u << _blockShift,
            };
            _rest?.Complete(ref attributes);
            return attributes;
        }
    }

    internal byte[] NameBytes { get; set; }

    /// <summary>Until when the facts hold, in the clock's milliseconds.</summary>
    internal long FreshUntil { get; set; }

    /// <summary>The table's step in which it was last changed by this process: what was asked before that is out of date.</summary>
    internal long ChangedIn
    {
        get => _rest?.ChangedIn ?? 0;
        set => Rest.ChangedIn = value;
    }

    /// <summary>References that the kernel has.</summary>
    internal ulong Lookups { get; set; }

    /// <summary>Whether the next process will know its number.</summary>
    internal bool IsNoted { get; set; }

    /// <summary>While above 0, what this process knows of it is the truth: it has changes that the source has not.</summary>
    internal int Holds
    {
        get => _rest?.Holds ?? 0;
        set => Rest.Holds = value;
    }

    /// <summary>The listing that it was last added to.</summary>
    internal PathListing? Listing { get; set; }

    /// <summary>Its place in that listing.</summary>
    internal int ListedAt { get; set; }

    /// <summary>What is in it, if it is a directory that something is known of.</summary>
    internal PathDirectory? Directory
    {
        get => _rest?.Directory;
        set => Rest.Directory = value;
    }

    private PathNodeRest Rest => _rest ??= new PathNodeRest();

    internal void Tell(in PathFacts facts)
    {
        ref readonly Attributes told = ref facts.Attributes;
        State = facts.State;
        Mode = told.Mode;
        (_size, _seconds, _nanoseconds) = (told.Size, told.ModificationTime.Seconds, told.ModificationTime.Nanoseconds);
        (_userId, _groupId) = (told.UserId, told.GroupId);
        _blockShift = told.BlockSize > 1 && BitOperations.IsPow2(told.BlockSize) ? (byte)BitOperations.Log2(told.BlockSize) : (byte)0;
        Timestamp time = told.ModificationTime;
        bool isWhole = told.Blocks == GetBlocks(told.Size) && told.AccessTime == time && told.ChangeTime == time && told.BirthTime == default
            && told.LinkCount == 1 && told.DeviceId == 0 && (_blockShift > 0 || told.BlockSize == 0);
        if (!isWhole)
        {
            Rest.Keep(in told);
        }
        else
        {
            _rest?.Drop();
        }
    }

    internal bool IsFresh(long now) => FreshUntil > now || Holds > 0;

    private static ulong GetBlocks(ulong size) => (size / 512) + (size % 512 > 0 ? 1u : 0u);
}
