namespace Kaleidofs.Protocol;

/// <summary>struct fuse_syncfs_in.</summary>
internal struct SyncFsIn
{
    public ulong Padding;
}
