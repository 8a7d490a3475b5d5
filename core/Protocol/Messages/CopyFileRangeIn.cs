namespace Kaleidofs.Protocol;

/// <summary>struct fuse_copy_file_range_in.</summary>
internal struct CopyFileRangeIn
{
    public ulong Handle;
    public ulong Offset;
    public ulong ToNodeId;
    public ulong ToHandle;
    public ulong ToOffset;
    public ulong Length;
    public ulong Flags;
}
