namespace Kaleidofs;

/// <summary>A filesystem that passes every operation on to another: the base of transforms, which override what they change.</summary>
/// <param name="inner">The filesystem behind; owned, and disposed with this one.</param>
public abstract class FileSystemDecorator(FileSystem inner) : FileSystem
{
    /// <summary>The filesystem behind.</summary>
    protected FileSystem Inner { get; } = inner;

    /// <summary>The caller as the filesystem behind knows it. Applied to every operation.</summary>
    protected virtual RequestContext ToInner(RequestContext context) => context;

    /// <inheritdoc/>
    public override FileSystemInfo Info => Inner.Info;

    /// <inheritdoc/>
    public override Task Completion => Inner.Completion;

    /// <inheritdoc/>
    public override double Progress => Inner.Progress;

    /// <inheritdoc/>
    public override string Remark => Inner.Remark;

    /// <inheritdoc/>
    public override ValueTask<Result<Entry>> LookupAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name) => Inner.LookupAsync(ToInner(context), parent, name);

    /// <inheritdoc/>
    public override void Forget(ulong inode, ulong count) => Inner.Forget(inode, count);

    /// <inheritdoc/>
    public override ValueTask<Result<CachedAttributes>> GetAttributesAsync(RequestContext context, ulong inode, ulong? handle) => Inner.GetAttributesAsync(ToInner(context), inode, handle);

    /// <inheritdoc/>
    public override ValueTask<Result<ulong>> GetParentAsync(RequestContext context, ulong inode) => Inner.GetParentAsync(ToInner(context), inode);

    /// <inheritdoc/>
    public override ValueTask<Result<ReadOnlyMemory<byte>>> ReadLinkAsync(RequestContext context, ulong inode) => Inner.ReadLinkAsync(ToInner(context), inode);

    /// <inheritdoc/>
    public override ValueTask<Result<OpenedFile>> OpenAsync(RequestContext context, ulong inode, OpenFlags flags) => Inner.OpenAsync(ToInner(context), inode, flags);

    /// <inheritdoc/>
    public override ValueTask<Errno> ReadAsync(RequestContext context, ulong inode, ulong handle, long offset, PayloadWriter destination) => Inner.ReadAsync(ToInner(context), inode, handle, offset, destination);

    /// <inheritdoc/>
    public override ValueTask<Errno> ReleaseAsync(RequestContext context, ulong inode, ulong handle) => Inner.ReleaseAsync(ToInner(context), inode, handle);

    /// <inheritdoc/>
    public override ValueTask<Result<OpenedFile>> OpenDirectoryAsync(RequestContext context, ulong inode) => Inner.OpenDirectoryAsync(ToInner(context), inode);

    /// <inheritdoc/>
    public override ValueTask<Errno> ListAsync(RequestContext context, ulong inode, ulong handle, ulong cookie, DirectoryWriter destination) => Inner.ListAsync(ToInner(context), inode, handle, cookie, destination);

    /// <inheritdoc/>
    public override ValueTask<Errno> ReleaseDirectoryAsync(RequestContext context, ulong inode, ulong handle) => Inner.ReleaseDirectoryAsync(ToInner(context), inode, handle);

    /// <inheritdoc/>
    public override ValueTask<Result<FileSystemStatistics>> GetStatisticsAsync(RequestContext context, ulong inode) => Inner.GetStatisticsAsync(ToInner(context), inode);

    /// <inheritdoc/>
    public override ValueTask<Errno> AccessAsync(RequestContext context, ulong inode, uint mask) => Inner.AccessAsync(ToInner(context), inode, mask);

    /// <inheritdoc/>
    public override ValueTask<Result<ReadOnlyMemory<byte>>> GetExtendedAttributeAsync(RequestContext context, ulong inode, ReadOnlyMemory<byte> name) => Inner.GetExtendedAttributeAsync(ToInner(context), inode, name);

    /// <inheritdoc/>
    public override ValueTask<Result<ReadOnlyMemory<byte>>> ListExtendedAttributesAsync(RequestContext context, ulong inode) => Inner.ListExtendedAttributesAsync(ToInner(context), inode);

    /// <inheritdoc/>
    public override ValueTask<Result<long>> SeekAsync(RequestContext context, ulong inode, ulong handle, long offset, SeekKind kind) => Inner.SeekAsync(ToInner(context), inode, handle, offset, kind);

    /// <inheritdoc/>
    public override ValueTask<Errno> FlushAsync(RequestContext context, ulong inode, ulong handle) => Inner.FlushAsync(ToInner(context), inode, handle);

    /// <inheritdoc/>
    public override ValueTask<Result<CachedAttributes>> SetAttributesAsync(RequestContext context, ulong inode, AttributeChange change) => Inner.SetAttributesAsync(ToInner(context), inode, change);

    /// <inheritdoc/>
    public override ValueTask<Result<CreatedFile>> CreateAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name, uint mode, OpenFlags flags) => Inner.CreateAsync(ToInner(context), parent, name, mode, flags);

    /// <inheritdoc/>
    public override ValueTask<Result<CreatedFile>> CreateUnnamedAsync(RequestContext context, ulong parent, uint mode, OpenFlags flags) => Inner.CreateUnnamedAsync(ToInner(context), parent, mode, flags);

    /// <inheritdoc/>
    public override ValueTask<Result<Entry>> MakeNodeAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name, uint mode, uint deviceId) => Inner.MakeNodeAsync(ToInner(context), parent, name, mode, deviceId);

    /// <inheritdoc/>
    public override ValueTask<Result<Entry>> MakeDirectoryAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name, uint mode) => Inner.MakeDirectoryAsync(ToInner(context), parent, name, mode);

    /// <inheritdoc/>
    public override ValueTask<Result<Entry>> MakeSymbolicLinkAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name, ReadOnlyMemory<byte> target) => Inner.MakeSymbolicLinkAsync(ToInner(context), parent, name, target);

    /// <inheritdoc/>
    public override ValueTask<Result<Entry>> LinkAsync(RequestContext context, ulong inode, ulong newParent, ReadOnlyMemory<byte> newName) => Inner.LinkAsync(ToInner(context), inode, newParent, newName);

    /// <inheritdoc/>
    public override ValueTask<Errno> UnlinkAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name) => Inner.UnlinkAsync(ToInner(context), parent, name);

    /// <inheritdoc/>
    public override ValueTask<Errno> RemoveDirectoryAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name) => Inner.RemoveDirectoryAsync(ToInner(context), parent, name);

    /// <inheritdoc/>
    public override ValueTask<Errno> RenameAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name, ulong newParent, ReadOnlyMemory<byte> newName, RenameOptions options) => Inner.RenameAsync(ToInner(context), parent, name, newParent, newName, options);

    /// <inheritdoc/>
    public override ValueTask<Result<int>> WriteAsync(RequestContext context, ulong inode, ulong handle, long offset, PayloadReader source) => Inner.WriteAsync(ToInner(context), inode, handle, offset, source);

    /// <inheritdoc/>
    public override ValueTask<Errno> SyncAsync(RequestContext context, ulong inode, ulong handle, bool dataOnly) => Inner.SyncAsync(ToInner(context), inode, handle, dataOnly);

    /// <inheritdoc/>
    public override ValueTask<Errno> SyncDirectoryAsync(RequestContext context, ulong inode, ulong handle, bool dataOnly) => Inner.SyncDirectoryAsync(ToInner(context), inode, handle, dataOnly);

    /// <inheritdoc/>
    public override ValueTask<Errno> SyncFileSystemAsync(RequestContext context) => Inner.SyncFileSystemAsync(ToInner(context));

    /// <inheritdoc/>
    public override ValueTask<Errno> AllocateAsync(RequestContext context, ulong inode, ulong handle, long offset, long length, uint mode) => Inner.AllocateAsync(ToInner(context), inode, handle, offset, length, mode);

    /// <inheritdoc/>
    public override ValueTask<Result<long>> CopyRangeAsync(RequestContext context, ulong inode, ulong handle, long offset, ulong toInode, ulong toHandle, long toOffset, long length) => Inner.CopyRangeAsync(ToInner(context), inode, handle, offset, toInode, toHandle, toOffset, length);

    /// <inheritdoc/>
    public override ValueTask<Errno> SetExtendedAttributeAsync(RequestContext context, ulong inode, ReadOnlyMemory<byte> name, ReadOnlyMemory<byte> value, uint flags) => Inner.SetExtendedAttributeAsync(ToInner(context), inode, name, value, flags);

    /// <inheritdoc/>
    public override ValueTask<Errno> RemoveExtendedAttributeAsync(RequestContext context, ulong inode, ReadOnlyMemory<byte> name) => Inner.RemoveExtendedAttributeAsync(ToInner(context), inode, name);

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await Inner.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }
}
