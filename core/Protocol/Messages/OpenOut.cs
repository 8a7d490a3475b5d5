namespace Kaleidofs.Protocol;

/// <summary>struct fuse_open_out.</summary>
internal struct OpenOut
{
    public ulong Handle;
    public uint OpenFlags;
    public int BackingId;
}
