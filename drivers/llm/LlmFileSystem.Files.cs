using Kaleidofs.Drivers.Llm.Generating;
using Kaleidofs.Drivers.Llm.Worlds;
using Microsoft.Win32.SafeHandles;

namespace Kaleidofs.Drivers.Llm;

/// <summary>Files' content.</summary>
internal sealed partial class LlmFileSystem
{
    /// <inheritdoc/>
    public override async ValueTask<Result<OpenedFile>> OpenAsync(RequestContext context, ulong inode, OpenFlags flags)
    {
        if (!_world.TryGet(inode, out WorldNode? node))
        {
            return Errno.ESTALE;
        }
        if (!node.Facts.IsFile)
        {
            return node.Facts.IsDirectory ? Errno.EISDIR : Errno.ELOOP;
        }
        bool writes = (flags & OpenFlags.AccessMode) != OpenFlags.ReadOnly;
        bool truncates = (flags & OpenFlags.Truncate) != 0;
        if (_world.IsFrozen && (writes || truncates))
        {
            return Errno.EROFS;
        }
        Hold(node);
        Result<Flight?> joined = await ReadyAsync(context, node, writes, truncates).ConfigureAwait(false);
        if (!joined.IsOk)
        {
            Unhold(node);
            return joined.Errno;
        }
        ulong handle = Interlocked.Increment(ref _lastHandle);
        OpenOptions options = joined.Value is not null ? OpenOptions.DirectIO
            : node.Content.IsWritten || node.Generation > 0 ? OpenOptions.None
            : OpenOptions.KeepCache;
        _handles[handle] = new OpenFile(node, joined.Value, (flags & OpenFlags.Append) != 0);
        return new OpenedFile(handle, options);
    }

    /// <inheritdoc/>
    public override ValueTask<Errno> ReleaseAsync(RequestContext context, ulong inode, ulong handle)
    {
        if (!_handles.TryRemove(handle, out OpenFile? open))
        {
            return new(Errno.EBADF);
        }
        open.Flight?.Leave();
        Unhold(open.Node);
        return default;
    }

    /// <inheritdoc/>
    public override ValueTask<Errno> ReadAsync(RequestContext context, ulong inode, ulong handle, long offset, PayloadWriter destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        if (!_world.TryGet(inode, out WorldNode? node))
        {
            return new(Errno.ESTALE);
        }
        Content content = node.Content;
        if (content.IsFinal && !content.IsWritten)
        {
            int count = (int)Math.Clamp(content.Length - offset, 0, destination.Remaining);
            return _reader.ReadAsync(context, content, offset, count, destination);
        }
        return new(ReadLaterAsync(context, node, handle, offset, destination));
    }

    /// <inheritdoc/>
    public override async ValueTask<Result<int>> WriteAsync(RequestContext context, ulong inode, ulong handle, long offset, PayloadReader source)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (!_world.TryGet(inode, out WorldNode? node))
        {
            return Errno.ESTALE;
        }
        await node.Writing.WaitAsync().ConfigureAwait(false);
        try
        {
            Errno errno = await OwnAsync(context, node, long.MaxValue).ConfigureAwait(false);
            if (errno != Errno.None)
            {
                return errno;
            }
            if (_handles.TryGetValue(handle, out OpenFile? open) && open.IsAppending)
            {
                offset = node.DataLength;
            }
            int written = 0;
            errno = await _world.RunAsync(() =>
            {
                while (source.Remaining > 0)
                {
                    ReadOnlySpan<byte> span = source.GetSpan();
                    RandomAccess.Write(node.Data!, span, offset + written);
                    written += span.Length;
                    source.Advance(span.Length);
                }
                Measure(node);
            }).ConfigureAwait(false);
            return written == 0 && errno != Errno.None ? errno : written;
        }
        finally
        {
            node.Writing.Release();
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<Errno> SyncAsync(RequestContext context, ulong inode, ulong handle, bool dataOnly)
    {
        if (_world.TryGet(inode, out WorldNode? node) && node.Data is { } data && !_world.IsFrozen)
        {
            Errno errno = await _world.RunAsync(() => RandomAccess.FlushToDisk(data)).ConfigureAwait(false);
            if (errno != Errno.None)
            {
                return errno;
            }
        }
        return await _world.FlushAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override ValueTask<Errno> SyncDirectoryAsync(RequestContext context, ulong inode, ulong handle, bool dataOnly) => _world.FlushAsync();

    /// <inheritdoc/>
    public override async ValueTask<Errno> SyncFileSystemAsync(RequestContext context)
    {
        Errno errno = Errno.None;
        foreach (OpenFile open in _handles.Values.Where(open => open.Node.Data is not null))
        {
            Errno one = await SyncAsync(context, open.Node.Inode, 0, dataOnly: true).ConfigureAwait(false);
            errno = errno == Errno.None ? one : errno;
        }
        Errno all = await _world.FlushAsync().ConfigureAwait(false);
        return errno == Errno.None ? all : errno;
    }

    /// <inheritdoc/>
    public override ValueTask<Errno> AllocateAsync(RequestContext context, ulong inode, ulong handle, long offset, long length, uint mode)
        => new(_world.IsFrozen ? Errno.EROFS : Errno.EOPNOTSUPP);

    /// <inheritdoc/>
    public override ValueTask<Result<long>> CopyRangeAsync(RequestContext context, ulong inode, ulong handle, long offset, ulong toInode, ulong toHandle, long toOffset, long length)
        => new(_world.IsFrozen ? Errno.EROFS : Errno.EOPNOTSUPP);

    private void Hold(WorldNode node)
    {
        lock (_world.Gate)
        {
            node.Opens++;
        }
    }

    private void Unhold(WorldNode node)
    {
        lock (_world.Gate)
        {
            if (--node.Opens == 0)
            {
                node.Data?.Dispose();
                node.Data = null;
                _world.Drop(node);
            }
        }
    }

    /// <summary>What an open waits for: the first bytes, or all of them for who writes; the flight that the handle has joined comes back.</summary>
    private async ValueTask<Result<Flight?>> ReadyAsync(RequestContext context, WorldNode node, bool writes, bool truncates)
    {
        if (truncates)
        {
            Errno errno = await SetLengthAsync(context, node, 0).ConfigureAwait(false);
            return errno == Errno.None ? new Result<Flight?>((Flight?)null) : errno;
        }
        if (node.Content.IsWritten)
        {
            Errno errno = await OpenDataAsync(node).ConfigureAwait(false);
            return errno == Errno.None ? new Result<Flight?>((Flight?)null) : errno;
        }
        if (node.Content.IsFinal)
        {
            return new Result<Flight?>((Flight?)null);
        }
        if (writes)
        {
            Errno errno = await _generator.EnsureContentAsync(node, context.CancellationToken).ConfigureAwait(false);
            return errno == Errno.None ? new Result<Flight?>((Flight?)null) : errno;
        }
        Result<Flight?> joined = await _generator.JoinContentAsync(node, context.CancellationToken).ConfigureAwait(false);
        if (joined.IsOk && joined.Value is { } flight)
        {
            Errno errno = await WaitForAsync(context, node, flight, 0).ConfigureAwait(false);
            if (errno != Errno.None)
            {
                flight.Leave();
                return errno;
            }
        }
        return joined;
    }

    /// <summary>Returns when a file has content behind an offset, or has its end before it.</summary>
    private static async ValueTask<Errno> WaitForAsync(RequestContext context, WorldNode node, Flight flight, long offset)
    {
        while (true)
        {
            Task progress = flight.Progress;
            Content content = node.Content;
            if (content.IsFinal || content.Length > offset)
            {
                return Errno.None;
            }
            if (flight.Completion.IsCompleted)
            {
                Errno errno = await flight.Completion.ConfigureAwait(false);
                // A user's change ends a flight, too: whoever reads sees that.
                return node.Content.IsFinal || node.Content.Length > offset ? Errno.None : errno == Errno.None ? Errno.EIO : errno;
            }
            try
            {
                await flight.WaitAsync(progress, context.CancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return Errno.EINTR;
            }
        }
    }

    private async Task<Errno> ReadLaterAsync(RequestContext context, WorldNode node, ulong handle, long offset, PayloadWriter destination)
    {
        if (!_handles.TryGetValue(handle, out OpenFile? open))
        {
            return Errno.EBADF;
        }
        if (!node.Content.IsFinal && node.Content.Length <= offset)
        {
            Errno errno = open.Flight is { } flight ? await WaitForAsync(context, node, flight, offset).ConfigureAwait(false) : Errno.EINTR;
            if (errno == Errno.EINTR && !context.CancellationToken.IsCancellationRequested)
            {
                // It was asked for anew since it was opened.
                errno = await _generator.EnsureContentAsync(node, context.CancellationToken).ConfigureAwait(false);
            }
            if (errno != Errno.None)
            {
                return errno;
            }
        }
        Content content = node.Content;
        try
        {
            if (!content.IsWritten)
            {
                int count = (int)Math.Clamp(content.Length - offset, 0, destination.Remaining);
                return count == 0 || await _world.ReadAsync(content, offset, count, destination).ConfigureAwait(false) == count ? Errno.None : Errno.EIO;
            }
            if (node.Data is null && await OpenDataAsync(node).ConfigureAwait(false) is var failure and not Errno.None)
            {
                return failure;
            }
            int length = (int)Math.Clamp(node.DataLength - offset, 0, destination.Remaining);
            if (length > 0)
            {
                int read = await _files.ReadAsync(node.Data!, offset, length, destination).ConfigureAwait(false);
                destination.WriteZeros(length - read);
            }
            return Errno.None;
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            return Errno.EIO;
        }
    }

    private async ValueTask<Errno> OpenDataAsync(WorldNode node)
    {
        await node.Writing.WaitAsync().ConfigureAwait(false);
        try
        {
            return node.Data is not null ? Errno.None : await _world.RunAsync(() => node.Data = OpenData(node.Content.Data)).ConfigureAwait(false);
        }
        finally
        {
            node.Writing.Release();
        }
    }

    private SafeFileHandle OpenData(ulong data) => _world.IsFrozen
        ? File.OpenHandle(_world.Folder.GetDataPath(data), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete)
        : File.OpenHandle(_world.Folder.GetDataPath(data), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);

    /// <summary>Makes a file's content the user's own, in a file that can be changed. Its semaphore is held.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="node">The file.</param>
    /// <param name="keep">How many bytes of what there is are needed.</param>
    private async ValueTask<Errno> OwnAsync(RequestContext context, WorldNode node, long keep)
    {
        if (node.Content.IsWritten)
        {
            return node.Data is not null ? Errno.None : await _world.RunAsync(() => node.Data = OpenData(node.Content.Data)).ConfigureAwait(false);
        }
        if (keep > 0 && !node.Content.IsFinal)
        {
            Errno generated = await _generator.EnsureContentAsync(node, context.CancellationToken).ConfigureAwait(false);
            if (generated != Errno.None)
            {
                return generated;
            }
        }
        Content content = node.Content;
        byte[] bytes = keep > 0 ? await _world.ReadAllAsync(content, (int)Math.Min(keep, int.MaxValue)).ConfigureAwait(false) : [];
        ulong data = _world.TakeData();
        Errno errno = await _world.RunAsync(() =>
        {
            node.Data = File.OpenHandle(_world.Folder.GetDataPath(data), FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            RandomAccess.Write(node.Data, bytes, 0);
            // Before the journal says that it is here: what was generated must not be lost for what is not on the disk.
            RandomAccess.FlushToDisk(node.Data);
            Measure(node);
        }).ConfigureAwait(false);
        return errno != Errno.None ? errno : await _world.ChangeAsync(records =>
        {
            records.AddWritten(node.Inode, data);
            return Errno.None;
        }).ConfigureAwait(false);
    }

    private async ValueTask<Errno> SetLengthAsync(RequestContext context, WorldNode node, long length)
    {
        await node.Writing.WaitAsync().ConfigureAwait(false);
        try
        {
            Errno errno = await OwnAsync(context, node, length).ConfigureAwait(false);
            return errno != Errno.None ? errno : await _world.RunAsync(() =>
            {
                RandomAccess.SetLength(node.Data!, length);
                Measure(node);
            }).ConfigureAwait(false);
        }
        finally
        {
            node.Writing.Release();
        }
    }

    private static void Measure(WorldNode node) => node.Measure(RandomAccess.GetLength(node.Data!), File.GetLastWriteTimeUtc(node.Data!));
}
