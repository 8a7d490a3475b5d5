namespace Kaleidofs.Protocol;

/// <summary>struct fuse_flush_in.</summary>
internal struct FlushIn
{
    public ulong Handle;
    public uint Unused;
    public uint Padding;
    public ulong LockOwner;
}
