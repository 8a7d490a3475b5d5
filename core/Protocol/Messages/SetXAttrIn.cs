namespace Kaleidofs.Protocol;

/// <summary>struct fuse_setxattr_in.</summary>
internal struct SetXAttrIn
{
    public uint Size;
    public uint Flags;
}
