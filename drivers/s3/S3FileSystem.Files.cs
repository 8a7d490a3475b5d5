using System.Collections.Concurrent;
using Kaleidofs.Drivers.S3.Reading;
using Kaleidofs.Drivers.S3.Writing;
using Kaleidofs.Paths;

namespace Kaleidofs.Drivers.S3;

/// <summary>Handles, and reading.</summary>
internal sealed partial class S3FileSystem
{
    private readonly ConcurrentDictionary<ulong, OpenFile> _handles = new();
    private readonly Dictionary<ulong, OpenInode> _inodes = [];
    private ulong _lastHandle;

    /// <inheritdoc/>
    public override async ValueTask<Result<OpenedFile>> OpenAsync(RequestContext context, ulong inode, OpenFlags flags)
    {
        Result<PathNode> given = await GetNodeAsync(context, inode).ConfigureAwait(false);
        if (!given.IsOk)
        {
            return given.Errno;
        }
        PathNode node = given.Value;
        await PassAsync(node).ConfigureAwait(false);
        Result<PathNode> fresh = await RefreshAsync(context, node).ConfigureAwait(false);
        if (!fresh.IsOk)
        {
            return fresh.Errno;
        }
        if (!node.Attributes.IsRegularFile)
        {
            return node.IsDirectory ? Errno.EISDIR : Errno.ELOOP;
        }
        S3State state = (S3State)node.State!;
        if (state.Earlier is not null && (flags & (OpenFlags.AccessMode | OpenFlags.Truncate)) != 0)
        {
            return Errno.EROFS;
        }
        OpenInode open = Enter(node);
        await DropOutdatedAsync(open).ConfigureAwait(false);
        ulong handle = AddHandle(open, flags);
        Errno errno = (flags & OpenFlags.Truncate) != 0 ? await SetSizeAsync(open, 0).ConfigureAwait(false) : Errno.None;
        if (errno != Errno.None)
        {
            await ReleaseAsync(context, inode, handle).ConfigureAwait(false);
            return errno;
        }
        // What the kernel has of the file is of this version if it has already been opened with it.
        bool isCached = state.IsCachedByKernel && ReferenceEquals(state, node.State);
        if (!isCached && open.Staged is null)
        {
            SetState(node, state with { IsCachedByKernel = true });
        }
        bool isWritable = (flags & OpenFlags.AccessMode) != 0;
        return new OpenedFile(handle, (isCached ? OpenOptions.KeepCache : OpenOptions.None) | (isWritable ? OpenOptions.None : OpenOptions.NoFlush));
    }

    /// <inheritdoc/>
    public override ValueTask<Errno> ReadAsync(RequestContext context, ulong inode, ulong handle, long offset, PayloadWriter destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        if (!_handles.TryGetValue(handle, out OpenFile? file))
        {
            return new(Errno.EBADF);
        }
        return file.Inode.Staged is not null ? ReadStagedAsync(file.Inode, offset, destination) : ReadObjectAsync(context, file, offset, destination);
    }

    /// <inheritdoc/>
    public override async ValueTask<Errno> ReleaseAsync(RequestContext context, ulong inode, ulong handle)
    {
        if (!_handles.TryRemove(handle, out OpenFile? file))
        {
            return Errno.EBADF;
        }
        return await LeaveAsync(file.Inode).ConfigureAwait(false);
    }

    private ValueTask<Errno> ReadObjectAsync(RequestContext context, OpenFile file, long offset, PayloadWriter destination)
    {
        ValueTask<Errno> read = _reader.ReadAsync(context, file.Object, offset, destination);
        return read.IsCompletedSuccessfully ? read : CheckAsync();

        async ValueTask<Errno> CheckAsync()
        {
            Errno errno = await read.ConfigureAwait(false);
            if (errno == Errno.ESTALE)
            {
                // The next who opens it is told of what is there now.
                Expire(file.Inode.Node);
            }
            return errno;
        }
    }

    private async ValueTask<Errno> ReadStagedAsync(OpenInode open, long offset, PayloadWriter destination)
    {
        int count = (int)Math.Clamp(open.Size - offset, 0, destination.Remaining);
        try
        {
            return count == 0 || await _files.ReadAsync(open.Staged!, offset, count, destination).ConfigureAwait(false) >= 0 ? Errno.None : Errno.EIO;
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            return Errno.EIO;
        }
    }

    private OpenInode Enter(PathNode node)
    {
        lock (_inodes)
        {
            if (!_inodes.TryGetValue(node.Inode, out OpenInode? open))
            {
                open = new OpenInode(node);
                _inodes.Add(node.Inode, open);
            }
            open.Handles++;
            return open;
        }
    }

    private OpenInode? FindOpen(ulong inode)
    {
        lock (_inodes)
        {
            return _inodes.GetValueOrDefault(inode);
        }
    }

    private ulong AddHandle(OpenInode open, OpenFlags flags)
    {
        ulong handle = Interlocked.Increment(ref _lastHandle);
        _handles[handle] = new OpenFile(open, flags, GetObject(open.Node));
        return handle;
    }

    /// <summary>Lets go what was staged and sent, if another has replaced the object since.</summary>
    private async ValueTask DropOutdatedAsync(OpenInode open)
    {
        if (open.Staged is null)
        {
            return;
        }
        await open.Turn.WaitAsync().ConfigureAwait(false);
        if (!open.IsDirty && open.Base != ((S3State)open.Node.State!).Version.ETag)
        {
            _staging.Release(open);
        }
        open.Turn.Release();
    }

    /// <summary>The version of a file that its attributes are of.</summary>
    private OpenObject GetObject(PathNode node)
    {
        (Attributes attributes, S3State state) = (node.Attributes, (S3State)node.State!);
        string key = GetKey(node);
        return new OpenObject(key, state.Version, (long)attributes.Size, GetContentNumber(key, state.Version, (long)attributes.Size));
    }

    /// <summary>The last handle sends what no close has sent: a page that was written by way of a mapping.</summary>
    private async ValueTask<Errno> LeaveAsync(OpenInode open)
    {
        await open.Turn.WaitAsync().ConfigureAwait(false);
        try
        {
            bool isLast;
            lock (_inodes)
            {
                isLast = open.Handles == 1;
            }
            Errno errno = isLast ? await SendAsync(open).ConfigureAwait(false) : Errno.None;
            lock (_inodes)
            {
                if (--open.Handles > 0)
                {
                    return Errno.None;
                }
                _inodes.Remove(open.Node.Inode);
            }
            if (errno != Errno.None)
            {
                _log.Error($"{_address}: what was written to {Describe(open.Node)} is lost, as the server did not take it ({errno}); whoever closed it was told");
            }
            await DiscardAsync(open).ConfigureAwait(false);
            return errno;
        }
        finally
        {
            open.Turn.Release();
        }
    }
}
