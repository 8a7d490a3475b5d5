namespace Kaleidofs;

/// <summary>
/// A filesystem, keyed by inode number. The defaults answer as an empty read-only one does.
/// </summary>
/// <remarks>
/// <para>An inode number is a durable handle: a new process that opens the same source can resolve every
/// number that an earlier one handed out. The root is <see cref="RootInode"/>.</para>
/// <para>Methods are called by many threads at once. What is at hand is answered at once, in a completed
/// task and without allocating; what is not must not block the thread: return a pending task. An expected failure is an
/// <see cref="Errno"/>; an exception becomes EIO and a log line.</para>
/// <para>Names are bytes: anything but '/' and NUL, 1 to 255 of them, never '.' or '..'. Names, readers and writers
/// passed in are valid until the returned task completes: copy what is needed for longer.</para>
/// <para>A transform is a subclass of <see cref="FileSystemDecorator"/>.</para>
/// </remarks>
public abstract partial class FileSystem : IAsyncDisposable
{
    /// <summary>The root's inode number (FUSE_ROOT_ID).</summary>
    public const ulong RootInode = 1;

    /// <summary>The longest name in bytes.</summary>
    public const int MaxNameLength = 255;

    /// <summary>What holds for the filesystem as a whole.</summary>
    public abstract FileSystemInfo Info { get; }

    /// <summary>
    /// Completes when all of the source is known, <see cref="FileSystemInfo.Identity"/> too; from the first moment on, unless a driver serves
    /// while it still reads an index. It fails with a <see cref="SourceException"/> if the source turns out to be damaged: every call is then EIO.
    /// </summary>
    public virtual Task Completion => Task.CompletedTask;

    /// <summary>How much of the source is known, from 0 to 1, for people who wait.</summary>
    public virtual double Progress => 1;

    /// <summary>What an operator may want to know of the source at the moment, in a few words; empty for nothing. <c>kaleidofs status</c> shows it.</summary>
    public virtual string Remark => "";

    /// <summary>Finds a name in a directory.</summary>
    /// <returns>The entry (negative if the absence may be cached), or ENOENT, ENOTDIR, EIO.</returns>
    public virtual ValueTask<Result<Entry>> LookupAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name) => new(Errno.ENOENT);

    /// <summary>
    /// The kernel drops <paramref name="count"/> of the references that lookups, readdirplus and creations gave it.
    /// Drivers that keep no state per inode ignore it.
    /// </summary>
    public virtual void Forget(ulong inode, ulong count)
    {
    }

    /// <summary>An inode's attributes.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="inode">The inode.</param>
    /// <param name="handle">An open handle on it, where the caller has one.</param>
    public abstract ValueTask<Result<CachedAttributes>> GetAttributesAsync(RequestContext context, ulong inode, ulong? handle);

    /// <summary>The directory that holds this directory (or, where it is known, this file). The root's parent is the root.</summary>
    public virtual ValueTask<Result<ulong>> GetParentAsync(RequestContext context, ulong inode) => new(Errno.ENOSYS);

    /// <summary>A symbolic link's target, as the source has it.</summary>
    public virtual ValueTask<Result<ReadOnlyMemory<byte>>> ReadLinkAsync(RequestContext context, ulong inode) => new(Errno.EINVAL);

    /// <summary>Opens a file.</summary>
    public virtual ValueTask<Result<OpenedFile>> OpenAsync(RequestContext context, ulong inode, OpenFlags flags)
        => new((flags & (OpenFlags.AccessMode | OpenFlags.Truncate)) == 0
            ? new OpenedFile(0, Info.IsImmutable ? OpenOptions.KeepCache : OpenOptions.None)
            : Errno.EROFS);

    /// <summary>
    /// Reads from <paramref name="offset"/> until the destination is full or the file ends: fewer bytes mean the end. Only of what was opened
    /// with <see cref="OpenOptions.DirectIO"/> they mean that no more is there yet; none at all is the end.
    /// </summary>
    public virtual ValueTask<Errno> ReadAsync(RequestContext context, ulong inode, ulong handle, long offset, PayloadWriter destination) => new(Errno.EIO);

    /// <summary>The last user of a handle is gone.</summary>
    public virtual ValueTask<Errno> ReleaseAsync(RequestContext context, ulong inode, ulong handle) => default;

    /// <summary>Opens a directory for listing.</summary>
    public virtual ValueTask<Result<OpenedFile>> OpenDirectoryAsync(RequestContext context, ulong inode)
        => new(new OpenedFile(0, Info.IsImmutable ? OpenOptions.KeepCache | OpenOptions.CacheDirectory : OpenOptions.None));

    /// <summary>
    /// Lists a directory from a position. A cookie names a position, not an index into a list that may change:
    /// what existed throughout is listed exactly once.
    /// </summary>
    /// <param name="context">The caller.</param>
    /// <param name="inode">The directory.</param>
    /// <param name="handle">The handle of <see cref="OpenDirectoryAsync"/>.</param>
    /// <param name="cookie">0 for the beginning, or a cookie that an entry was added with.</param>
    /// <param name="destination">Takes the entries; adding none means the end.</param>
    public virtual ValueTask<Errno> ListAsync(RequestContext context, ulong inode, ulong handle, ulong cookie, DirectoryWriter destination) => new(Errno.ENOTDIR);

    /// <summary>The last user of a directory handle is gone.</summary>
    public virtual ValueTask<Errno> ReleaseDirectoryAsync(RequestContext context, ulong inode, ulong handle) => default;

    /// <summary>Sizes and counts of the whole.</summary>
    public virtual ValueTask<Result<FileSystemStatistics>> GetStatisticsAsync(RequestContext context, ulong inode)
        => new(new FileSystemStatistics { BlockSize = 4096, FragmentSize = 4096, NameLength = MaxNameLength });

    /// <summary>Whether the caller may do what <paramref name="mask"/> says (access(2)). ENOSYS leaves it to the kernel, which checks modes itself.</summary>
    public virtual ValueTask<Errno> AccessAsync(RequestContext context, ulong inode, uint mask) => new(Errno.ENOSYS);

    /// <summary>An extended attribute's value; ENODATA if there is none of that name; ENOSYS if the source has none at all.</summary>
    public virtual ValueTask<Result<ReadOnlyMemory<byte>>> GetExtendedAttributeAsync(RequestContext context, ulong inode, ReadOnlyMemory<byte> name) => new(Errno.ENOSYS);

    /// <summary>The extended attributes' names, each ended by a NUL as listxattr(2) returns them.</summary>
    public virtual ValueTask<Result<ReadOnlyMemory<byte>>> ListExtendedAttributesAsync(RequestContext context, ulong inode) => new(Errno.ENOSYS);

    /// <summary>The next data or hole. ENXIO past the end; ENOSYS where the source knows no holes.</summary>
    public virtual ValueTask<Result<long>> SeekAsync(RequestContext context, ulong inode, ulong handle, long offset, SeekKind kind) => new(Errno.ENOSYS);

    /// <summary>A descriptor of the handle was closed: the place to report a deferred write error.</summary>
    public virtual ValueTask<Errno> FlushAsync(RequestContext context, ulong inode, ulong handle) => new(Errno.ENOSYS);

    /// <summary>Ends the filesystem: sources are closed, staged writes are settled.</summary>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}
