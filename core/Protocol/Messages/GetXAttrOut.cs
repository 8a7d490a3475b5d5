namespace Kaleidofs.Protocol;

/// <summary>struct fuse_getxattr_out.</summary>
internal struct GetXAttrOut
{
    public uint Size;
    public uint Padding;
}
