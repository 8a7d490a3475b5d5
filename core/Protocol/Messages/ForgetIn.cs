namespace Kaleidofs.Protocol;

/// <summary>struct fuse_forget_in.</summary>
internal struct ForgetIn
{
    public ulong LookupCount;
}
