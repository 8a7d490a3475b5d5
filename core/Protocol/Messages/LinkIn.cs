namespace Kaleidofs.Protocol;

/// <summary>struct fuse_link_in.</summary>
internal struct LinkIn
{
    public ulong OldNodeId;
}
