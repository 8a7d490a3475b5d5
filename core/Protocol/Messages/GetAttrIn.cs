namespace Kaleidofs.Protocol;

/// <summary>struct fuse_getattr_in.</summary>
internal struct GetAttrIn
{
    public uint Flags;
    public uint Dummy;
    public ulong Handle;
}
