namespace Kaleidofs.Protocol;

/// <summary>struct fuse_read_in.</summary>
internal struct ReadIn
{
    public ulong Handle;
    public ulong Offset;
    public uint Size;
    public uint ReadFlags;
    public ulong LockOwner;
    public uint Flags;
    public uint Padding;
}
