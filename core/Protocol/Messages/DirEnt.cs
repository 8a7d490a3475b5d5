namespace Kaleidofs.Protocol;

/// <summary>struct fuse_dirent; the name follows, padded to 8 bytes.</summary>
internal struct DirEnt
{
    public const int Alignment = 8;

    public ulong Inode;
    public ulong Offset;
    public uint NameLength;
    public uint Type;
}
