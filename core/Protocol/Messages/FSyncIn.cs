namespace Kaleidofs.Protocol;

/// <summary>struct fuse_fsync_in.</summary>
internal struct FSyncIn
{
    public ulong Handle;
    public uint Flags;
    public uint Padding;
}
