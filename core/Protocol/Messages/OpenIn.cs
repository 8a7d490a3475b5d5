namespace Kaleidofs.Protocol;

/// <summary>struct fuse_open_in.</summary>
internal struct OpenIn
{
    public uint Flags;
    public uint OpenFlags;
}
