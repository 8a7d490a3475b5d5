namespace Kaleidofs.Protocol;

/// <summary>struct fuse_rename2_in.</summary>
internal struct Rename2In
{
    public ulong NewDirectory;
    public uint Flags;
    public uint Padding;
}
