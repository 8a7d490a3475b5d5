namespace Kaleidofs;

/// <summary>What statfs(2) tells.</summary>
public struct FileSystemStatistics
{
    /// <summary>Total blocks of <see cref="FragmentSize"/> bytes.</summary>
    public ulong Blocks;
    /// <summary>Free blocks.</summary>
    public ulong FreeBlocks;
    /// <summary>Blocks free to unprivileged users.</summary>
    public ulong AvailableBlocks;
    /// <summary>Inodes.</summary>
    public ulong Files;
    /// <summary>Free inodes.</summary>
    public ulong FreeFiles;
    /// <summary>Preferred I/O size in bytes.</summary>
    public uint BlockSize;
    /// <summary>Longest name in bytes.</summary>
    public uint NameLength;
    /// <summary>The unit of the block counts in bytes.</summary>
    public uint FragmentSize;
}
