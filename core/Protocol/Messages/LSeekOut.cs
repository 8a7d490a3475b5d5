namespace Kaleidofs.Protocol;

/// <summary>struct fuse_lseek_out.</summary>
internal struct LSeekOut
{
    public ulong Offset;
}
