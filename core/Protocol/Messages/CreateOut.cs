namespace Kaleidofs.Protocol;

/// <summary>The reply to CREATE: struct fuse_entry_out, then struct fuse_open_out.</summary>
internal struct CreateOut
{
    public EntryOut Entry;
    public OpenOut Open;
}
