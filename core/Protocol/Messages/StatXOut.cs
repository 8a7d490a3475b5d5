namespace Kaleidofs.Protocol;

/// <summary>struct fuse_statx_out.</summary>
internal struct StatXOut
{
    public ulong AttrValid;
    public uint AttrValidNanoseconds;
    public uint Flags;
    public ulong Spare0;
    public ulong Spare1;
    public StatX Stat;
}
