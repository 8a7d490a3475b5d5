namespace Kaleidofs.Protocol;

/// <summary>struct fuse_copy_file_range_out.</summary>
internal struct CopyFileRangeOut
{
    public ulong Copied;
}
