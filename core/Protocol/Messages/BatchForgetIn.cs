namespace Kaleidofs.Protocol;

/// <summary>struct fuse_batch_forget_in.</summary>
internal struct BatchForgetIn
{
    public uint Count;
    public uint Dummy;
}
