namespace Kaleidofs.Protocol;

/// <summary>struct fuse_statx_in.</summary>
internal struct StatXIn
{
    public uint Flags;
    public uint Reserved;
    public ulong Handle;
    public uint StatXFlags;
    public uint StatXMask;
}
