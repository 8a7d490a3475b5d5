namespace Kaleidofs.Protocol;

/// <summary>struct fuse_mknod_in.</summary>
internal struct MkNodIn
{
    public uint Mode;
    public uint DeviceId;
    public uint UMask;
    public uint Padding;
}
