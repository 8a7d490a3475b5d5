namespace Kaleidofs.Protocol;

/// <summary>struct fuse_attr_out.</summary>
internal struct AttrOut
{
    public ulong AttrValid;
    public uint AttrValidNanoseconds;
    public uint Dummy;
    public Attr Attr;
}
