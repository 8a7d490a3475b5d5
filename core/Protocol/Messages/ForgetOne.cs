namespace Kaleidofs.Protocol;

/// <summary>struct fuse_forget_one.</summary>
internal struct ForgetOne
{
    public ulong NodeId;
    public ulong LookupCount;
}
