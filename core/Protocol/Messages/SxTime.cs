namespace Kaleidofs.Protocol;

/// <summary>struct fuse_sx_time.</summary>
internal struct SxTime
{
    public long Seconds;
    public uint Nanoseconds;
    public int Reserved;
}
