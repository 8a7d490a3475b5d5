namespace Kaleidofs.Protocol;

/// <summary>struct fuse_mkdir_in.</summary>
internal struct MkDirIn
{
    public uint Mode;
    public uint UMask;
}
