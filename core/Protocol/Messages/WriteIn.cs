namespace Kaleidofs.Protocol;

/// <summary>struct fuse_write_in.</summary>
internal struct WriteIn
{
    public ulong Handle;
    public ulong Offset;
    public uint Size;
    public uint WriteFlags;
    public ulong LockOwner;
    public uint Flags;
    public uint Padding;
}
