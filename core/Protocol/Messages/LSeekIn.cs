namespace Kaleidofs.Protocol;

/// <summary>struct fuse_lseek_in.</summary>
internal struct LSeekIn
{
    public ulong Handle;
    public ulong Offset;
    public uint Whence;
    public uint Padding;
}
