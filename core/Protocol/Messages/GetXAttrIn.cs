namespace Kaleidofs.Protocol;

/// <summary>struct fuse_getxattr_in.</summary>
internal struct GetXAttrIn
{
    public uint Size;
    public uint Padding;
}
