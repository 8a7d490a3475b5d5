using Kaleidofs.Drivers.Git.Trees;

namespace Kaleidofs.Drivers.Git.Nodes;

/// <summary>What stat(2) tells: git knows a mode and the commit's time, and no owner.</summary>
internal static class NodeAttributes
{
    private const uint BytesPerBlock = 512;

    public static Attributes OfDirectory(ulong inode, Timestamp time) => Make(inode, FileType.Directory | 0x1ed, 0, time);

    public static Attributes OfText(ulong inode, long size, Timestamp time) => Make(inode, FileType.Regular | 0x1a4, size, time);

    public static Attributes OfLink(ulong inode, long size, Timestamp time) => Make(inode, FileType.SymbolicLink | 0x1ff, size, time);

    public static Attributes OfEntry(ulong inode, TreeEntryKind kind, long size, Timestamp time) => Make(inode, kind switch
    {
        TreeEntryKind.Executable => FileType.Regular | 0x1ed,
        TreeEntryKind.GroupWritable => FileType.Regular | 0x1b4,
        TreeEntryKind.SymbolicLink => FileType.SymbolicLink | 0x1ff,
        TreeEntryKind.Submodule or TreeEntryKind.Directory => FileType.Directory | 0x1ed,
        _ => FileType.Regular | 0x1a4,
    }, size, time);

    private static Attributes Make(ulong inode, uint mode, long size, Timestamp time) => new()
    {
        Inode = inode,
        Mode = mode,
        Size = (ulong)size,
        Blocks = ((ulong)size + BytesPerBlock - 1) / BytesPerBlock,
        // One for a directory, too: how many directories are in it is not known before it is looked at, and programs take 1 for that.
        LinkCount = 1,
        AccessTime = time,
        ModificationTime = time,
        ChangeTime = time,
    };
}
