namespace Kaleidofs.Protocol;

/// <summary>struct fuse_access_in.</summary>
internal struct AccessIn
{
    public uint Mask;
    public uint Padding;
}
