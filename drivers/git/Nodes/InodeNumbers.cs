namespace Kaleidofs.Drivers.Git.Nodes;

/// <summary>
/// How inodes are numbered: a directory's number is a digest of its path and commit, with the low bits free for its files, which are numbered
/// in the order of the tree. So another process gives the same numbers, and a file needs no memory.
/// </summary>
internal static class InodeNumbers
{
    /// <summary>From one directory's number to the next possible one.</summary>
    public const ulong Step = 1 << IndexBits;

    private const int IndexBits = 20;

    /// <summary>Above are the numbers that overlays give.</summary>
    private const int TotalBits = 62;

    private const ulong Offset = 0xcbf29ce484222325;
    private const ulong Prime = 0x100000001b3;

    /// <summary>The number that stands for the root's where its files are numbered: the root's own is fixed.</summary>
    public static ulong Root { get; } = Derive(0, "root"u8);

    /// <summary>The number of the directory of a name in another.</summary>
    public static ulong Derive(ulong parent, ReadOnlySpan<byte> name)
    {
        ulong hash = Mix(Offset ^ parent);
        foreach (byte value in name)
        {
            hash = (hash ^ value) * Prime;
        }
        ulong number = Mix(hash) >> (64 - TotalBits + IndexBits) << IndexBits;
        return number == 0 ? Step : number;
    }

    /// <summary>The next one, where another directory has the number.</summary>
    public static ulong Next(ulong number)
    {
        number = (number + Step) & ((1UL << TotalBits) - 1);
        return number == 0 ? Step : number;
    }

    /// <summary>The directory's part of a number.</summary>
    public static ulong GetDirectory(ulong inode) => inode == FileSystem.RootInode ? Root : inode & ~(Step - 1);

    /// <summary>Which file of the directory it is; -1 for the directory itself.</summary>
    public static int GetIndex(ulong inode) => inode == FileSystem.RootInode ? -1 : (int)(inode & (Step - 1)) - 1;

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 33)) * 0xff51afd7ed558ccd;
        value = (value ^ (value >> 33)) * 0xc4ceb9fe1a85ec53;
        return value ^ (value >> 33);
    }
}
