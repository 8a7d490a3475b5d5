namespace Kaleidofs.Protocol;

/// <summary>struct fuse_kstatfs.</summary>
internal struct KStatFs
{
    public ulong Blocks;
    public ulong FreeBlocks;
    public ulong AvailableBlocks;
    public ulong Files;
    public ulong FreeFiles;
    public uint BlockSize;
    public uint NameLength;
    public uint FragmentSize;
    public uint Padding;
    public KStatFsSpare Spare;
}
