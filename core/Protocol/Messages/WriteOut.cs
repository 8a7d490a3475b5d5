namespace Kaleidofs.Protocol;

/// <summary>struct fuse_write_out.</summary>
internal struct WriteOut
{
    public uint Size;
    public uint Padding;
}
