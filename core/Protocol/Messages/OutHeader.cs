namespace Kaleidofs.Protocol;

/// <summary>struct fuse_out_header.</summary>
internal struct OutHeader
{
    public uint Length;
    public int Error;
    public ulong Unique;
}
