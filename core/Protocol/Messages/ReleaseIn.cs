namespace Kaleidofs.Protocol;

/// <summary>struct fuse_release_in.</summary>
internal struct ReleaseIn
{
    public ulong Handle;
    public uint Flags;
    public uint ReleaseFlags;
    public ulong LockOwner;
}
