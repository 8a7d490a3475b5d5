namespace Kaleidofs.Protocol;

/// <summary>struct fuse_direntplus.</summary>
internal struct DirEntPlus
{
    public EntryOut Entry;
    public DirEnt DirEnt;
}
