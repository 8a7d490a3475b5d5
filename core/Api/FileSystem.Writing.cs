namespace Kaleidofs;

/// <summary>The operations that change something. Each answers EROFS unless the driver says otherwise.</summary>
public abstract partial class FileSystem
{
    /// <summary>Changes attributes, truncation among them; returns the new ones.</summary>
    public virtual ValueTask<Result<CachedAttributes>> SetAttributesAsync(RequestContext context, ulong inode, AttributeChange change) => new(Errno.EROFS);

    /// <summary>Creates a regular file and opens it. With <see cref="OpenFlags.Exclusive"/> EEXIST if the name exists.</summary>
    public virtual ValueTask<Result<CreatedFile>> CreateAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name, uint mode, OpenFlags flags) => new(Errno.EROFS);

    /// <summary>Creates a regular file without a name and opens it (O_TMPFILE). Its link count is 0; <see cref="LinkAsync"/> may name it later, and without that it goes with its last handle.</summary>
    public virtual ValueTask<Result<CreatedFile>> CreateUnnamedAsync(RequestContext context, ulong parent, uint mode, OpenFlags flags) => new(Errno.EROFS);

    /// <summary>Creates a file, device, FIFO or socket.</summary>
    public virtual ValueTask<Result<Entry>> MakeNodeAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name, uint mode, uint deviceId) => new(Errno.EROFS);

    /// <summary>Creates a directory.</summary>
    public virtual ValueTask<Result<Entry>> MakeDirectoryAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name, uint mode) => new(Errno.EROFS);

    /// <summary>Creates a symbolic link.</summary>
    public virtual ValueTask<Result<Entry>> MakeSymbolicLinkAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name, ReadOnlyMemory<byte> target) => new(Errno.EROFS);

    /// <summary>Gives an inode one more name.</summary>
    public virtual ValueTask<Result<Entry>> LinkAsync(RequestContext context, ulong inode, ulong newParent, ReadOnlyMemory<byte> newName) => new(Errno.EROFS);

    /// <summary>Removes a name that is not a directory's.</summary>
    public virtual ValueTask<Errno> UnlinkAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name) => new(Errno.EROFS);

    /// <summary>Removes an empty directory.</summary>
    public virtual ValueTask<Errno> RemoveDirectoryAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name) => new(Errno.EROFS);

    /// <summary>Renames, replacing the target unless <paramref name="options"/> says otherwise.</summary>
    public virtual ValueTask<Errno> RenameAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name, ulong newParent, ReadOnlyMemory<byte> newName, RenameOptions options) => new(Errno.EROFS);

    /// <summary>Writes all that <paramref name="source"/> has at an offset; returns how many bytes were taken.</summary>
    public virtual ValueTask<Result<int>> WriteAsync(RequestContext context, ulong inode, ulong handle, long offset, PayloadReader source) => new(Errno.EROFS);

    /// <summary>Returns when what was written through any handle of the inode is safe at the source.</summary>
    public virtual ValueTask<Errno> SyncAsync(RequestContext context, ulong inode, ulong handle, bool dataOnly) => default;

    /// <summary>Returns when a directory's changes are safe at the source.</summary>
    public virtual ValueTask<Errno> SyncDirectoryAsync(RequestContext context, ulong inode, ulong handle, bool dataOnly) => default;

    /// <summary>Returns when all that was changed before is safe at the source (syncfs(2), and sync(2) of a guest).</summary>
    public virtual ValueTask<Errno> SyncFileSystemAsync(RequestContext context) => default;

    /// <summary>Reserves or punches space (fallocate(2)); <paramref name="mode"/> is FALLOC_FL_*.</summary>
    public virtual ValueTask<Errno> AllocateAsync(RequestContext context, ulong inode, ulong handle, long offset, long length, uint mode) => new(Errno.EROFS);

    /// <summary>Copies within the source; returns how many bytes were copied. EOPNOTSUPP lets the kernel read and write instead.</summary>
    public virtual ValueTask<Result<long>> CopyRangeAsync(RequestContext context, ulong inode, ulong handle, long offset, ulong toInode, ulong toHandle, long toOffset, long length) => new(Errno.EROFS);

    /// <summary>Sets an extended attribute; <paramref name="flags"/> is XATTR_CREATE (1) or XATTR_REPLACE (2).</summary>
    public virtual ValueTask<Errno> SetExtendedAttributeAsync(RequestContext context, ulong inode, ReadOnlyMemory<byte> name, ReadOnlyMemory<byte> value, uint flags) => new(Errno.EROFS);

    /// <summary>Removes an extended attribute.</summary>
    public virtual ValueTask<Errno> RemoveExtendedAttributeAsync(RequestContext context, ulong inode, ReadOnlyMemory<byte> name) => new(Errno.EROFS);
}
