namespace Kaleidofs.Protocol;

/// <summary>struct fuse_rename_in.</summary>
internal struct RenameIn
{
    public ulong NewDirectory;
}
