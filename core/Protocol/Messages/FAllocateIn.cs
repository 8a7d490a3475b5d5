namespace Kaleidofs.Protocol;

/// <summary>struct fuse_fallocate_in.</summary>
internal struct FAllocateIn
{
    public ulong Handle;
    public ulong Offset;
    public ulong Length;
    public uint Mode;
    public uint Padding;
}
