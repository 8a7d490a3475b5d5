using System.Buffers;
using System.Collections.Concurrent;
using Kaleidofs.Drivers.Smb.Client;
using Kaleidofs.Drivers.Smb.Client.Wire;
using Kaleidofs.Paths;

namespace Kaleidofs.Drivers.Smb;

/// <summary>Handles, reading and writing.</summary>
internal sealed partial class SmbFileSystem
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
        if (node.IsDirectory || !node.Attributes.IsRegularFile)
        {
            return node.IsDirectory ? Errno.EISDIR : Errno.ELOOP;
        }
        if (node.IsGone)
        {
            // Another file may have its path.
            return Errno.ESTALE;
        }
        AccessMask access = GetAccess(flags);
        string path = GetPath(node);
        long heard = Heard;
        (SmbShare Share, CreateAnswer Answer) opened = (null!, default);
        NtStatus status = await _client.RunAsync(
            async (share, _) =>
            {
                SmbResult<CreateAnswer> created = await share.CreateAsync(path, new CreateParameters(access, Options: CreateOptions.NonDirectory)).ConfigureAwait(false);
                opened = (share, created.Value);
                return created.Status;
            }).ConfigureAwait(false);
        if (status != NtStatus.Success)
        {
            if (status is NtStatus.ObjectNameNotFound or NtStatus.ObjectPathNotFound or NtStatus.DeletePending)
            {
                Expire(node);
                return Errno.ESTALE;
            }
            return status.ToErrno();
        }
        if (FindOpen(inode) is { } known && !known.IsSame(opened.Answer.Facts.FileNumber))
        {
            // Another client has put another file there. Who has the old one open keeps it, and its pages are not this one's.
            await opened.Share.CloseAsync(opened.Answer.Id).ConfigureAwait(false);
            (PathNode directory, byte[] name) = (node.Parent!, node.Name.ToArray());
            Remove(directory, name);
            // Something is there, which the next who looks is told of.
            Doubt(directory, name, isOther: true);
            return Errno.ESTALE;
        }
        OpenFile file = AddFile(node, access, opened.Share, opened.Answer, out ulong handle);
        if ((flags & OpenFlags.Truncate) != 0 && opened.Answer.Facts.Size > 0)
        {
            Errno errno = await SetSizeAsync(file, 0).ConfigureAwait(false);
            if (errno != Errno.None)
            {
                await ReleaseAsync(context, inode, handle).ConfigureAwait(false);
                return errno;
            }
        }
        else
        {
            TakeFacts(file.Inode, opened.Answer.Facts);
            Recheck(heard, node.Parent, node.Name.Span, isOther: false);
        }
        // What the kernel has of the file may stay if it is of this version.
        SmbState state = (SmbState)node.State!;
        (ulong, Timestamp) version = (node.Attributes.Size, node.Attributes.ModificationTime);
        bool isCached = state.CachedVersion == version;
        if (!isCached)
        {
            SetState(node, state with { CachedVersion = version });
        }
        return new OpenedFile(handle, (isCached ? OpenOptions.KeepCache : OpenOptions.None) | OpenOptions.NoFlush);
    }

    /// <inheritdoc/>
    public override async ValueTask<Errno> ReadAsync(RequestContext context, ulong inode, ulong handle, long offset, PayloadWriter destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        if (!_handles.TryGetValue(handle, out OpenFile? file))
        {
            return Errno.EBADF;
        }
        PayloadTarget target = new(destination);
        int before = destination.Written;
        CancellationToken cancellationToken = context.CancellationToken;
        while (destination.Remaining > 0)
        {
            SmbResult<int> read = await file.Remote.RunAsync(
                // What came before a connection broke is there already.
                (share, id) => share.ReadAsync(id, offset + destination.Written - before, Math.Min(destination.Remaining, share.MaxRead), target, cancellationToken),
                cancellationToken).ConfigureAwait(false);
            if (!read.IsOk)
            {
                return read.Status == NtStatus.EndOfFile ? Errno.None : read.Status.ToErrno();
            }
            if (destination.Remaining > 0 && (ulong)(offset + destination.Written - before) >= file.Inode.Node.Attributes.Size)
            {
                // Less than was asked, and the file is known to end there.
                break;
            }
        }
        return Errno.None;
    }

    /// <inheritdoc/>
    public override async ValueTask<Result<int>> WriteAsync(RequestContext context, ulong inode, ulong handle, long offset, PayloadReader source)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (!_handles.TryGetValue(handle, out OpenFile? file))
        {
            return Errno.EBADF;
        }
        int count = source.Remaining;
        // Once: the guest may change its bytes meanwhile, and they may have to be sent again.
        byte[] buffer = ArrayPool<byte>.Shared.Rent(count);
        source.Read(buffer);
        int done = 0;
        Errno errno = Errno.None;
        while (done < count && errno == Errno.None)
        {
            SmbResult<int> written = await file.Remote.RunAsync(
                (share, id) => share.WriteAsync(id, offset + done, buffer.AsMemory(done, Math.Min(count - done, share.MaxWrite)))).ConfigureAwait(false);
            done += written.IsOk ? written.Value : 0;
            errno = written.Status.ToErrno();
        }
        ArrayPool<byte>.Shared.Return(buffer);
        if (done > 0)
        {
            NoteWritten(file.Inode, (ulong)(offset + done));
        }
        return done > 0 || errno == Errno.None ? done : errno;
    }

    /// <inheritdoc/>
    public override ValueTask<Errno> FlushAsync(RequestContext context, ulong inode, ulong handle) => new(Errno.None);

    /// <inheritdoc/>
    public override async ValueTask<Errno> SyncAsync(RequestContext context, ulong inode, ulong handle, bool dataOnly)
        => FindOpen(inode) is { } open ? await SyncAsync(open).ConfigureAwait(false) : Errno.None;

    /// <inheritdoc/>
    public override async ValueTask<Errno> SyncFileSystemAsync(RequestContext context)
    {
        OpenInode[] all;
        lock (_inodes)
        {
            all = [.. _inodes.Values];
        }
        Errno result = Errno.None;
        foreach (OpenInode open in all)
        {
            Errno errno = await SyncAsync(open).ConfigureAwait(false);
            result = result == Errno.None ? errno : result;
        }
        return result;
    }

    /// <inheritdoc/>
    public override async ValueTask<Errno> ReleaseAsync(RequestContext context, ulong inode, ulong handle)
    {
        if (!_handles.TryRemove(handle, out OpenFile? file))
        {
            return Errno.EBADF;
        }
        await file.Remote.CloseAsync().ConfigureAwait(false);
        OpenInode open = file.Inode;
        lock (_inodes)
        {
            open.Files.Remove(file.Remote);
            if (open.Files.Count == 0)
            {
                _inodes.Remove(open.Node.Inode);
            }
        }
        if (file.Remote.IsWritable && !open.Node.IsGone)
        {
            // The server's own times are the true ones.
            Expire(open.Node);
        }
        return Errno.None;
    }

    private async ValueTask<Errno> SyncAsync(OpenInode open)
    {
        RemoteFile? file;
        lock (_inodes)
        {
            file = open.Files.Find(candidate => candidate.IsWritable);
        }
        long written = open.Written;
        if (!open.IsDirty || (file is null && open.Node.IsGone))
        {
            // What has no name any more cannot be lost, and its path may be another's.
            return Errno.None;
        }
        NtStatus status = file is not null
            ? await file.RunAsync((share, id) => share.FlushAsync(id)).ConfigureAwait(false)
            : await FlushByPathAsync(open.RemovedPath ?? GetPath(open.Node)).ConfigureAwait(false);
        if (status == NtStatus.Success)
        {
            open.AddFlush(written);
        }
        return status.ToErrno();
    }

    /// <summary>What was written through handles that are closed is flushed through one that is opened for that.</summary>
    private Task<NtStatus> FlushByPathAsync(string path) => _client.RunAsync(
        async (share, _) =>
        {
            SmbResult<CreateAnswer> opened = await share.CreateAsync(path, new CreateParameters(AccessMask.WriteData, Options: CreateOptions.NonDirectory)).ConfigureAwait(false);
            if (!opened.IsOk)
            {
                return opened.Status;
            }
            NtStatus status = await share.FlushAsync(opened.Value.Id).ConfigureAwait(false);
            await share.CloseAsync(opened.Value.Id).ConfigureAwait(false);
            return status;
        });

    private static AccessMask GetAccess(OpenFlags flags) => AccessMask.ReadAttributes | AccessMask.Synchronize | ((flags & OpenFlags.AccessMode) switch
    {
        OpenFlags.WriteOnly => AccessMask.WriteData | AccessMask.WriteAttributes,
        OpenFlags.ReadWrite => AccessMask.ReadData | AccessMask.WriteData | AccessMask.WriteAttributes,
        _ => AccessMask.ReadData | ((flags & OpenFlags.Truncate) != 0 ? AccessMask.WriteData : AccessMask.None),
    });

    private OpenFile AddFile(PathNode node, AccessMask access, SmbShare share, in CreateAnswer answer, out ulong handle)
    {
        OpenFile file;
        lock (_inodes)
        {
            if (!_inodes.TryGetValue(node.Inode, out OpenInode? open))
            {
                open = new OpenInode(node, answer.Facts.FileNumber);
                _inodes.Add(node.Inode, open);
            }
            file = new OpenFile(open, new RemoteFile(_client, () => open.RemovedPath ?? GetPath(node), access, share, answer));
            open.Files.Add(file.Remote);
        }
        handle = Interlocked.Increment(ref _lastHandle);
        _handles[handle] = file;
        return file;
    }

    private OpenInode? FindOpen(ulong inode)
    {
        lock (_inodes)
        {
            return _inodes.GetValueOrDefault(inode);
        }
    }

    /// <summary>Takes over what the server said at an open, unless somebody is writing here, who knows better.</summary>
    private void TakeFacts(OpenInode open, in FileFacts facts)
    {
        bool isWritten;
        lock (_inodes)
        {
            isWritten = open.Files.Count(file => file.IsWritable) > 1 || open.IsDirty;
        }
        if (!isWritten && !open.Node.IsGone)
        {
            lock (open.Lock)
            {
                Update(open.Node, Merge(open.Node, SmbFacts.From(in facts)));
            }
        }
    }

    private void NoteWritten(OpenInode open, ulong end)
    {
        open.AddWrite();
        lock (open.Lock)
        {
            Attributes attributes = open.Node.Attributes;
            attributes.Size = Math.Max(attributes.Size, end);
            NoteChanged(open, attributes);
        }
    }

    /// <summary>Tells the table what this process changed; the kernel's pages are then of that version.</summary>
    private void NoteChanged(OpenInode open, Attributes attributes)
    {
        attributes.Blocks = Math.Max(attributes.Blocks, (attributes.Size + 511) / 512);
        attributes.ModificationTime = attributes.ChangeTime = Timestamp.From(DateTimeOffset.UtcNow);
        Update(open.Node, new PathFacts(attributes, open.Node.State));
    }
}
