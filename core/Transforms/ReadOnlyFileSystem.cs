namespace Kaleidofs.Transforms;

/// <summary>Refuses every change with EROFS, whatever the driver could do (<c>--readonly</c>).</summary>
/// <param name="inner">The filesystem behind.</param>
public sealed class ReadOnlyFileSystem(FileSystem inner) : FileSystemDecorator(inner)
{
    /// <inheritdoc/>
    public override FileSystemInfo Info { get; } = inner.Info with { IsReadOnly = true };

    /// <inheritdoc/>
    public override ValueTask<Result<OpenedFile>> OpenAsync(RequestContext context, ulong inode, OpenFlags flags)
        => (flags & (OpenFlags.AccessMode | OpenFlags.Truncate)) == 0 ? base.OpenAsync(context, inode, flags) : new(Errno.EROFS);

    /// <inheritdoc/>
    public override ValueTask<Result<CachedAttributes>> SetAttributesAsync(RequestContext context, ulong inode, AttributeChange change) => new(Errno.EROFS);

    /// <inheritdoc/>
    public override ValueTask<Result<CreatedFile>> CreateAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name, uint mode, OpenFlags flags) => new(Errno.EROFS);

    /// <inheritdoc/>
    public override ValueTask<Result<CreatedFile>> CreateUnnamedAsync(RequestContext context, ulong parent, uint mode, OpenFlags flags) => new(Errno.EROFS);

    /// <inheritdoc/>
    public override ValueTask<Result<Entry>> MakeNodeAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name, uint mode, uint deviceId) => new(Errno.EROFS);

    /// <inheritdoc/>
    public override ValueTask<Result<Entry>> MakeDirectoryAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name, uint mode) => new(Errno.EROFS);

    /// <inheritdoc/>
    public override ValueTask<Result<Entry>> MakeSymbolicLinkAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name, ReadOnlyMemory<byte> target) => new(Errno.EROFS);

    /// <inheritdoc/>
    public override ValueTask<Result<Entry>> LinkAsync(RequestContext context, ulong inode, ulong newParent, ReadOnlyMemory<byte> newName) => new(Errno.EROFS);

    /// <inheritdoc/>
    public override ValueTask<Errno> UnlinkAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name) => new(Errno.EROFS);

    /// <inheritdoc/>
    public override ValueTask<Errno> RemoveDirectoryAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name) => new(Errno.EROFS);

    /// <inheritdoc/>
    public override ValueTask<Errno> RenameAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name, ulong newParent, ReadOnlyMemory<byte> newName, RenameOptions options) => new(Errno.EROFS);

    /// <inheritdoc/>
    public override ValueTask<Result<int>> WriteAsync(RequestContext context, ulong inode, ulong handle, long offset, PayloadReader source) => new(Errno.EROFS);

    /// <inheritdoc/>
    public override ValueTask<Errno> AllocateAsync(RequestContext context, ulong inode, ulong handle, long offset, long length, uint mode) => new(Errno.EROFS);

    /// <inheritdoc/>
    public override ValueTask<Result<long>> CopyRangeAsync(RequestContext context, ulong inode, ulong handle, long offset, ulong toInode, ulong toHandle, long toOffset, long length) => new(Errno.EROFS);

    /// <inheritdoc/>
    public override ValueTask<Errno> SetExtendedAttributeAsync(RequestContext context, ulong inode, ReadOnlyMemory<byte> name, ReadOnlyMemory<byte> value, uint flags) => new(Errno.EROFS);

    /// <inheritdoc/>
    public override ValueTask<Errno> RemoveExtendedAttributeAsync(RequestContext context, ulong inode, ReadOnlyMemory<byte> name) => new(Errno.EROFS);
}
