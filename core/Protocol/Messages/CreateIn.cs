namespace Kaleidofs.Protocol;

/// <summary>struct fuse_create_in.</summary>
internal struct CreateIn
{
    public uint Flags;
    public uint Mode;
    public uint UMask;
    public uint OpenFlags;
}
