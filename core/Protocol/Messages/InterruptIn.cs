namespace Kaleidofs.Protocol;

/// <summary>struct fuse_interrupt_in.</summary>
internal struct InterruptIn
{
    public ulong Unique;
}
