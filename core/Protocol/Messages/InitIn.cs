namespace Kaleidofs.Protocol;

/// <summary>struct fuse_init_in.</summary>
internal struct InitIn
{
    public uint Major;
    public uint Minor;
    public uint MaxReadAhead;
    public uint Flags;
    public uint Flags2;
    public InitInUnused Unused;
}
