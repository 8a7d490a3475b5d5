using Microsoft.Win32.SafeHandles;

namespace Kaleidofs.Transforms.Overlay;

/// <summary>Files' content.</summary>
public sealed partial class OverlayFileSystem
{
    private const int CopyLength = 1 << 20;

    private const uint KeepSize = 1;
    private const uint PunchHole = 2;
    private const uint ZeroRange = 16;

    /// <inheritdoc/>
    public override async ValueTask<Result<OpenedFile>> OpenAsync(RequestContext context, ulong inode, OpenFlags flags)
    {
        Result<Attributes> found = await GetAsync(context, inode).ConfigureAwait(false);
        if (!found.IsOk)
        {
            return found.Errno;
        }
        if (!found.Value.IsRegularFile)
        {
            return found.Value.IsDirectory ? Errno.EISDIR : found.Value.IsSymbolicLink ? Errno.ELOOP : Errno.ENXIO;
        }
        OpenInode open = Hold(inode);
        Errno errno = (flags & OpenFlags.Truncate) != 0 ? await SetSizeAsync(context, open, 0).ConfigureAwait(false) : Errno.None;
        ulong? lower = null;
        if (errno == Errno.None && !HasContent(inode))
        {
            Result<OpenedFile> opened = await Inner.OpenAsync(context, inode, OpenFlags.ReadOnly).ConfigureAwait(false);
            errno = opened.Errno;
            lower = opened.Value.Handle;
        }
        if (errno != Errno.None)
        {
            await DropAsync(open).ConfigureAwait(false);
            return errno;
        }
        return new OpenedFile(AddHandle(new OverlayHandle(open, lower)), OpenOptions.KeepCache);
    }

    /// <inheritdoc/>
    public override async ValueTask<Errno> ReleaseAsync(RequestContext context, ulong inode, ulong handle)
    {
        if (!_handles.TryRemove(handle, out OverlayHandle? opened) || opened.File is null)
        {
            return Errno.EBADF;
        }
        if (opened.Lower is { } lower)
        {
            await Inner.ReleaseAsync(context, inode, lower).ConfigureAwait(false);
        }
        return await DropAsync(opened.File).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override ValueTask<Errno> ReadAsync(RequestContext context, ulong inode, ulong handle, long offset, PayloadWriter destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        if (!_handles.TryGetValue(handle, out OverlayHandle? opened) || opened.File is not { } open)
        {
            return new(Errno.EBADF);
        }
        long size;
        SafeFileHandle? data;
        lock (_gate)
        {
            if (_state.Find(inode) is not { HasContent: true } node)
            {
                return opened.Lower is { } lower ? Inner.ReadAsync(context, inode, lower, offset, destination) : new(Errno.EIO);
            }
            size = (long)node.Attributes.Size;
            data = open.Data;
        }
        int count = (int)Math.Clamp(size - offset, 0, destination.Remaining);
        return count == 0 ? new(Errno.None) : new(ReadDataAsync(open, data, offset, count, destination));
    }

    /// <inheritdoc/>
    public override async ValueTask<Result<int>> WriteAsync(RequestContext context, ulong inode, ulong handle, long offset, PayloadReader source)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (!_handles.TryGetValue(handle, out OverlayHandle? opened) || opened.File is not { } open)
        {
            return Errno.EBADF;
        }
        await open.Writing.WaitAsync().ConfigureAwait(false);
        try
        {
            Errno errno = await PrepareAsync(context, open, long.MaxValue).ConfigureAwait(false);
            if (errno != Errno.None)
            {
                return errno;
            }
            int written = 0;
            errno = await _store.RunAsync(() =>
            {
                while (source.Remaining > 0)
                {
                    ReadOnlySpan<byte> span = source.GetSpan();
                    RandomAccess.Write(open.Data!, span, offset + written);
                    written += span.Length;
                    source.Advance(span.Length);
                }
            }).ConfigureAwait(false);
            if (written > 0)
            {
                Resize(inode, size => Math.Max(size, offset + written));
            }
            return written == 0 && errno != Errno.None ? errno : written;
        }
        finally
        {
            open.Writing.Release();
        }
    }

    /// <inheritdoc/>
    public override ValueTask<Errno> SyncAsync(RequestContext context, ulong inode, ulong handle, bool dataOnly)
        => _handles.TryGetValue(handle, out OverlayHandle? opened) && opened.File is { } open
            ? _store.FlushAsync(open.Data)
            : new(Errno.EBADF);

    /// <inheritdoc/>
    public override ValueTask<Errno> SyncDirectoryAsync(RequestContext context, ulong inode, ulong handle, bool dataOnly) => _store.FlushAsync(null);

    /// <inheritdoc/>
    public override ValueTask<Errno> SyncFileSystemAsync(RequestContext context) => _store.FlushAllAsync();

    /// <inheritdoc/>
    public override ValueTask<Errno> FlushAsync(RequestContext context, ulong inode, ulong handle) => new(Errno.ENOSYS);

    /// <inheritdoc/>
    public override async ValueTask<Result<long>> SeekAsync(RequestContext context, ulong inode, ulong handle, long offset, SeekKind kind)
    {
        if (!_handles.TryGetValue(handle, out OverlayHandle? opened) || opened.File is not { } open)
        {
            return Errno.EBADF;
        }
        Result<Attributes> found = await GetAsync(context, inode).ConfigureAwait(false);
        if (!found.IsOk)
        {
            return found.Errno;
        }
        long size = (long)found.Value.Size;
        if (offset < 0 || offset >= size)
        {
            return Errno.ENXIO;
        }
        Result<long> result = Errno.ENOSYS;
        if (!HasContent(inode))
        {
            result = opened.Lower is { } lower ? await Inner.SeekAsync(context, inode, lower, offset, kind).ConfigureAwait(false) : result;
        }
        else if (open.Data is { } data)
        {
            Errno errno = await _store.RunAsync(() => result = _settings.Writer.Seek(data, offset, kind)).ConfigureAwait(false);
            result = errno == Errno.None ? result : errno;
        }
        // To a kernel ENOSYS means all files: one that knows no holes is all data.
        return result.Errno == Errno.ENOSYS ? (kind == SeekKind.Data ? offset : size) : result;
    }

    /// <inheritdoc/>
    public override async ValueTask<Errno> AllocateAsync(RequestContext context, ulong inode, ulong handle, long offset, long length, uint mode)
    {
        if (!_handles.TryGetValue(handle, out OverlayHandle? opened) || opened.File is not { } open)
        {
            return Errno.EBADF;
        }
        if (mode is not (0 or KeepSize or (PunchHole | KeepSize) or ZeroRange or (ZeroRange | KeepSize)))
        {
            return Errno.EOPNOTSUPP;
        }
        await open.Writing.WaitAsync().ConfigureAwait(false);
        try
        {
            Errno errno = await PrepareAsync(context, open, long.MaxValue).ConfigureAwait(false);
            Errno outcome = Errno.None;
            if (errno == Errno.None)
            {
                errno = await _store.RunAsync(() => outcome = _settings.Writer.Allocate(open.Data!, mode, offset, length)).ConfigureAwait(false);
            }
            if ((errno == Errno.None ? outcome : errno) is var failure and not Errno.None)
            {
                return failure;
            }
            Resize(inode, (mode & KeepSize) != 0 ? null : size => Math.Max(size, offset + length));
            return Errno.None;
        }
        finally
        {
            open.Writing.Release();
        }
    }

    /// <inheritdoc/>
    public override ValueTask<Result<long>> CopyRangeAsync(RequestContext context, ulong inode, ulong handle, long offset, ulong toInode, ulong toHandle, long toOffset, long length)
        => new(Errno.EOPNOTSUPP);

    private bool HasContent(ulong inode)
    {
        lock (_gate)
        {
            return _state.Find(inode) is { HasContent: true };
        }
    }

    private async Task<Errno> ReadDataAsync(OpenInode open, SafeFileHandle? data, long offset, int count, PayloadWriter destination)
    {
        Errno errno = Errno.None;
        if (data is null)
        {
            await open.Writing.WaitAsync().ConfigureAwait(false);
            errno = await OpenDataAsync(open, FileMode.OpenOrCreate).ConfigureAwait(false);
            data = open.Data;
            open.Writing.Release();
        }
        if (errno != Errno.None)
        {
            return errno;
        }
        try
        {
            int read = await _settings.Files.ReadAsync(data!, offset, count, destination).ConfigureAwait(false);
            destination.WriteZeros(count - read);
            return Errno.None;
        }
        catch (Exception exception) when (IoFailure.IsExpected(exception))
        {
            return Errno.EIO;
        }
    }

    /// <summary>Cuts or extends a file. The caller holds it.</summary>
    private async ValueTask<Errno> SetSizeAsync(RequestContext context, OpenInode open, long size)
    {
        await open.Writing.WaitAsync().ConfigureAwait(false);
        try
        {
            Errno errno = await PrepareAsync(context, open, size).ConfigureAwait(false);
            if (errno == Errno.None)
            {
                errno = await _store.RunAsync(() => RandomAccess.SetLength(open.Data!, size)).ConfigureAwait(false);
            }
            if (errno == Errno.None)
            {
                Resize(open.Inode, _ => size);
            }
            return errno;
        }
        finally
        {
            open.Writing.Release();
        }
    }

    /// <summary>Notes that content is changed, and its new size.</summary>
    private void Resize(ulong inode, Func<long, long>? newSize)
    {
        Timestamp now = Now;
        lock (_gate)
        {
            OverlayNode node = _state.Find(inode)!;
            node.Attributes.ModificationTime = now;
            node.Attributes.ChangeTime = now;
            if (newSize is not null)
            {
                node.Attributes.Size = (ulong)newSize((long)node.Attributes.Size);
                node.Attributes.Blocks = (node.Attributes.Size + 511) / 512;
            }
        }
    }

    /// <summary>Makes a file's content one that can be changed: copied from beneath, open, and known to be written to. Its semaphore is held.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="open">The file.</param>
    /// <param name="keep">How many bytes of the old content are needed.</param>
    private async ValueTask<Errno> PrepareAsync(RequestContext context, OpenInode open, long keep)
    {
        OverlayNode? node;
        lock (_gate)
        {
            node = _state.Find(open.Inode);
            if (node is { HasContent: true, IsDirty: true } && open.Data is not null)
            {
                return Errno.None;
            }
        }
        Errno errno;
        if (node is { HasContent: true })
        {
            errno = await OpenDataAsync(open, FileMode.OpenOrCreate).ConfigureAwait(false);
        }
        else
        {
            Result<Attributes> lower = await GetAsync(context, open.Inode).ConfigureAwait(false);
            errno = !lower.IsOk ? lower.Errno
                : !lower.Value.IsRegularFile ? Errno.EINVAL
                : await CopyUpAsync(context, open, (long)Math.Min(lower.Value.Size, (ulong)keep)).ConfigureAwait(false);
        }
        return errno == Errno.None ? await SetDirtyAsync(context, open.Inode).ConfigureAwait(false) : errno;
    }

    private async ValueTask<Errno> SetDirtyAsync(RequestContext context, ulong inode)
    {
        await _names.WaitAsync().ConfigureAwait(false);
        try
        {
            Result<Attributes> found = await GetAsync(context, inode).ConfigureAwait(false);
            if (!found.IsOk)
            {
                return found.Errno;
            }
            RecordWriter records = new();
            lock (_gate)
            {
                if (_state.IsDead(inode))
                {
                    OverlayNode orphan = _state.Find(inode)!;
                    orphan.HasContent = orphan.IsDirty = true;
                    return Errno.None;
                }
                if (_state.FindNamed(inode) is null)
                {
                    records.AddNode(found.Value, NodeFields.All);
                }
                records.AddContent(inode, isHere: true, isDirty: true);
            }
            return await CommitAsync(records).ConfigureAwait(false);
        }
        finally
        {
            _names.Release();
        }
    }

    private async ValueTask<Errno> OpenDataAsync(OpenInode open, FileMode mode)
        => open.Data is not null && mode != FileMode.Create
            ? Errno.None
            : await _store.RunAsync(() =>
            {
                // One from a copy that failed.
                open.Data?.Dispose();
                open.Data = null;
                open.Data = _store.OpenData(open.Inode, mode);
            }).ConfigureAwait(false);

    /// <summary>
    /// Copies the first bytes of a file from beneath. They are on the disk before the journal says that they are here:
    /// otherwise a loss of power could take what was safe in the source.
    /// </summary>
    private async ValueTask<Errno> CopyUpAsync(RequestContext context, OpenInode open, long length)
    {
        Errno errno = await OpenDataAsync(open, FileMode.Create).ConfigureAwait(false);
        if (errno != Errno.None || length == 0)
        {
            return errno;
        }
        Result<OpenedFile> lower = await Inner.OpenAsync(context, open.Inode, OpenFlags.ReadOnly).ConfigureAwait(false);
        errno = lower.Errno;
        ArrayPayloadWriter payload = new((int)Math.Min(length, CopyLength));
        for (long offset = 0; errno == Errno.None && offset < length; offset += payload.Written)
        {
            payload.Clear();
            errno = await Inner.ReadAsync(context, open.Inode, lower.Value.Handle, offset, payload).ConfigureAwait(false);
            if (errno == Errno.None && payload.Written == 0)
            {
                errno = Errno.EIO;
            }
            if (errno == Errno.None && payload.Content.Span.ContainsAnyExcept((byte)0))
            {
                int count = (int)Math.Min(payload.Written, length - offset);
                errno = await _store.RunAsync(() => RandomAccess.Write(open.Data!, payload.Content.Span[..count], offset)).ConfigureAwait(false);
            }
        }
        if (lower.IsOk)
        {
            await Inner.ReleaseAsync(context, open.Inode, lower.Value.Handle).ConfigureAwait(false);
        }
        if (errno == Errno.None)
        {
            errno = await _store.RunAsync(() => RandomAccess.SetLength(open.Data!, length)).ConfigureAwait(false);
        }
        return errno == Errno.None ? await _store.FlushDataAsync(open.Data!).ConfigureAwait(false) : errno;
    }
}
