namespace Kaleidofs;

/// <summary>What stat(2) tells of an inode. Owner, mode and times come from the source, never from the host's disk.</summary>
public struct Attributes
{
    /// <summary>The inode number; never 0.</summary>
    public ulong Inode;
    /// <summary>Size in bytes; for a symbolic link, its target's length.</summary>
    public ulong Size;
    /// <summary>Allocated units of 512 bytes.</summary>
    public ulong Blocks;
    /// <summary>Last access.</summary>
    public Timestamp AccessTime;
    /// <summary>Last change of the content.</summary>
    public Timestamp ModificationTime;
    /// <summary>Last change of the inode.</summary>
    public Timestamp ChangeTime;
    /// <summary>Creation, or all zero where the source does not know it.</summary>
    public Timestamp BirthTime;
    /// <summary>Type (<see cref="FileType"/>) and permission bits.</summary>
    public uint Mode;
    /// <summary>Number of names.</summary>
    public uint LinkCount;
    /// <summary>Owner.</summary>
    public uint UserId;
    /// <summary>Group.</summary>
    public uint GroupId;
    /// <summary>Device number, in the kernel's encoding (minor 8 bits, major 12, minor's rest above), for device files.</summary>
    public uint DeviceId;
    /// <summary>Preferred size of an I/O in bytes; 0 stands for 4096.</summary>
    public uint BlockSize;

    /// <summary>Whether this is a directory.</summary>
    public readonly bool IsDirectory => (Mode & FileType.Mask) == FileType.Directory;
    /// <summary>Whether this is a regular file.</summary>
    public readonly bool IsRegularFile => (Mode & FileType.Mask) == FileType.Regular;
    /// <summary>Whether this is a symbolic link.</summary>
    public readonly bool IsSymbolicLink => (Mode & FileType.Mask) == FileType.SymbolicLink;
}
