using Kaleidofs.Drivers.S3.Client;
using Kaleidofs.Drivers.S3.Keys;
using Kaleidofs.Drivers.S3.Reading;
using Kaleidofs.Drivers.S3.Writing;
using Kaleidofs.Paths;
using Microsoft.Win32.SafeHandles;

namespace Kaleidofs.Drivers.S3;

/// <summary>
/// Content that is written. It goes into a file without a name; while it is written from its beginning, in order, parts that are full are on their
/// way to the server already. fsync and close send the rest, and return when the object is there.
/// </summary>
internal sealed partial class S3FileSystem
{
    /// <inheritdoc/>
    public override async ValueTask<Result<int>> WriteAsync(RequestContext context, ulong inode, ulong handle, long offset, PayloadReader source)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (!_handles.TryGetValue(handle, out OpenFile? file) || !file.IsWritable)
        {
            return Errno.EBADF;
        }
        if (source.Remaining == 0)
        {
            // Wherever that is, it makes no file longer.
            return 0;
        }
        OpenInode open = file.Inode;
        await open.Turn.WaitAsync(context.CancellationToken).ConfigureAwait(false);
        try
        {
            Errno errno = await StageAsync(open, keepsContent: true).ConfigureAwait(false);
            if (errno != Errno.None)
            {
                return errno;
            }
            long at = file.IsAppending ? open.Size : offset;
            int count = source.Remaining;
            if (!_staging.TryResize(open, Math.Max(open.Size, at + count)))
            {
                return Errno.ENOSPC;
            }
            errno = await RunAsync(() => Copy(source, open.Staged!, at)).ConfigureAwait(false);
            if (errno != Errno.None)
            {
                return errno;
            }
            if (at < GetUploaded(open))
            {
                await RestartAsync(open).ConfigureAwait(false);
            }
            open.Size = Math.Max(open.Size, at + count);
            open.Sequential = open.Sequential == at ? at + count : at < open.Sequential ? -1 : open.Sequential;
            Touch(open);
            await SendFullPartsAsync(open).ConfigureAwait(false);
            return count;
        }
        finally
        {
            open.Turn.Release();
        }
    }

    /// <inheritdoc/>
    public override ValueTask<Errno> FlushAsync(RequestContext context, ulong inode, ulong handle)
        => !_handles.TryGetValue(handle, out OpenFile? file) ? new(Errno.EBADF) : file.IsWritable ? SendInTurnAsync(file.Inode) : default;

    /// <inheritdoc/>
    public override ValueTask<Errno> SyncAsync(RequestContext context, ulong inode, ulong handle, bool dataOnly)
        => _handles.TryGetValue(handle, out OpenFile? file) ? SendInTurnAsync(file.Inode) : new(Errno.EBADF);

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
            Errno errno = await SendInTurnAsync(open).ConfigureAwait(false);
            result = result == Errno.None ? errno : result;
        }
        return result;
    }

    /// <inheritdoc/>
    public override ValueTask<Errno> AllocateAsync(RequestContext context, ulong inode, ulong handle, long offset, long length, uint mode) => new(Errno.EOPNOTSUPP);

    /// <inheritdoc/>
    public override ValueTask<Result<long>> CopyRangeAsync(RequestContext context, ulong inode, ulong handle, long offset, ulong toInode, ulong toHandle, long toOffset, long length)
        => new(Errno.EOPNOTSUPP);

    private async ValueTask<Errno> SendInTurnAsync(OpenInode open)
    {
        await open.Turn.WaitAsync().ConfigureAwait(false);
        try
        {
            return await SendAsync(open).ConfigureAwait(false);
        }
        finally
        {
            open.Turn.Release();
        }
    }

    /// <summary>Cuts a file, or makes it longer with zeros.</summary>
    private async ValueTask<Errno> SetSizeAsync(OpenInode open, long size)
    {
        await open.Turn.WaitAsync().ConfigureAwait(false);
        try
        {
            Errno errno = await StageAsync(open, keepsContent: size > 0).ConfigureAwait(false);
            if (errno == Errno.None && !_staging.TryResize(open, size))
            {
                return Errno.ENOSPC;
            }
            if (errno == Errno.None && (size != open.Size || size == 0))
            {
                errno = await RunAsync(() => RandomAccess.SetLength(open.Staged!, size)).ConfigureAwait(false);
            }
            if (errno != Errno.None)
            {
                return errno;
            }
            if (size < GetUploaded(open))
            {
                await RestartAsync(open).ConfigureAwait(false);
            }
            open.Size = size;
            open.Sequential = size == 0 ? 0 : open.Sequential > size ? -1 : open.Sequential;
            Touch(open);
            return Errno.None;
        }
        finally
        {
            open.Turn.Release();
        }
    }

    /// <summary>Makes the staging file, with the object's content in it if that is wanted.</summary>
    private async ValueTask<Errno> StageAsync(OpenInode open, bool keepsContent)
    {
        if (open.Staged is not null)
        {
            return Errno.None;
        }
        SafeFileHandle? made = null;
        Errno errno = open.IsDirty ? Errno.None : await KnowMetadataAsync(open.Node).ConfigureAwait(false);
        if (errno != Errno.None)
        {
            return errno;
        }
        errno = await RunAsync(() => made = _staging.MakeFile()).ConfigureAwait(false);
        if (errno != Errno.None)
        {
            return errno;
        }
        OpenObject current = GetObject(open.Node);
        if (keepsContent && !_staging.TryResize(open, current.Size))
        {
            made!.Dispose();
            return Errno.ENOSPC;
        }
        if (keepsContent && current.Size > 0)
        {
            errno = await FetchAsync(current, made!).ConfigureAwait(false);
            if (errno != Errno.None)
            {
                made!.Dispose();
                return errno;
            }
            open.Size = current.Size;
            open.Sequential = -1;
        }
        else
        {
            open.Size = 0;
            open.Sequential = 0;
        }
        if (!open.IsDirty)
        {
            open.Base = current.Version.ETag;
        }
        open.Staged = made;
        return Errno.None;
    }

    /// <summary>Gets an object whole, through the cache and read ahead as any stream is.</summary>
    private async ValueTask<Errno> FetchAsync(OpenObject file, SafeFileHandle to)
    {
        OpenObject stream = new(file.Key, file.Version, file.Size, file.Content);
        ArrayPayloadWriter content = new(1 << 20);
        for (long offset = 0; offset < file.Size; offset += content.Content.Length)
        {
            content.Clear();
            Errno errno = await _reader.ReadAsync(default, stream, offset, content).ConfigureAwait(false);
            if (errno == Errno.None)
            {
                long at = offset;
                errno = await RunAsync(() => RandomAccess.Write(to, content.Content.Span, at)).ConfigureAwait(false);
            }
            if (errno != Errno.None)
            {
                return errno;
            }
        }
        return Errno.None;
    }

    /// <summary>Notes that there is something to send.</summary>
    private void Touch(OpenInode open)
    {
        if (!open.IsDirty)
        {
            open.IsDirty = true;
            Hold(open.Node);
        }
        Attributes attributes = open.Node.Attributes;
        attributes.Size = (ulong)open.Size;
        attributes.Blocks = ((ulong)open.Size + 511) / 512;
        attributes.ModificationTime = attributes.ChangeTime = Timestamp.From(DateTimeOffset.UtcNow);
        Update(open.Node, new PathFacts(attributes, open.Node.State));
    }

    /// <summary>How much of the content is on its way already.</summary>
    private static long GetUploaded(OpenInode open) => open.Upload is { } upload ? PartLayout.GetStart(upload.Count) : 0;

    /// <summary>What was sent is not what the file is to be.</summary>
    private static async ValueTask RestartAsync(OpenInode open)
    {
        if (open.Upload is { } upload)
        {
            open.Upload = null;
            open.Sequential = -1;
            await upload.AbortAsync().ConfigureAwait(false);
        }
    }

    private async ValueTask SendFullPartsAsync(OpenInode open)
    {
        while (!open.IsUnlinked && open.Sequential > PartLayout.MaxSingle && open.Sequential >= PartLayout.GetStart((open.Upload?.Count ?? 0) + 1))
        {
            open.Upload ??= MakeUpload(GetKey(open.Node), GetMetadata(open.Node));
            await AddPartAsync(open, open.Upload, long.MaxValue).ConfigureAwait(false);
        }
    }

    private Task AddPartAsync(OpenInode open, MultipartUpload upload, long end)
    {
        long start = PartLayout.GetStart(upload.Count);
        long length = Math.Min(PartLayout.GetStart(upload.Count + 1), end) - start;
        SafeFileHandle staged = open.Staged!;
        return upload.AddAsync((id, number) => _bucket.PutPartAsync(upload.Key, id, number, () => new StagedSlice(staged, start, length), Ending));
    }

    /// <summary>Sends what the server has not; in turn.</summary>
    private async ValueTask<Errno> SendAsync(OpenInode open)
    {
        if (!open.IsDirty || open.IsUnlinked)
        {
            return Errno.None;
        }
        string key = GetKey(open.Node);
        Precondition condition = new(open.Base);
        Dictionary<string, string> metadata = GetMetadata(open.Node);
        Result<string> sent;
        if (open.Upload is null && open.Size <= PartLayout.MaxSingle)
        {
            long size = open.Size;
            SafeFileHandle? staged = open.Staged;
            sent = await _bucket.PutAsync(key, () => staged is null ? new MemoryStream() : new StagedSlice(staged, 0, size), metadata, condition, Ending).ConfigureAwait(false);
        }
        else
        {
            MultipartUpload upload = open.Upload ?? MakeUpload(key, metadata);
            open.Upload = null;
            sent = await SendInPartsAsync(open, upload, condition).ConfigureAwait(false);
            if (sent.Errno == Errno.ENOENT)
            {
                // Another has given it up, who took it for what a dead process left.
                upload = MakeUpload(key, metadata);
                sent = await SendInPartsAsync(open, upload, condition).ConfigureAwait(false);
            }
            open.Sequential = -1;
            if (sent.IsOk && open.HasNewMetadata)
            {
                // The upload began with what it was then. If that fails, the next attempt finds this version.
                open.Base = sent.Value;
                Result<ObjectHead> copied = await _bucket.CopyAsync(key, key, _ => metadata, MakeUpload, condition: null, Ending).ConfigureAwait(false);
                sent = copied.IsOk ? copied.Value.Version.ETag : copied.Errno;
            }
            else
            {
                metadata = new(upload.Metadata);
            }
        }
        if (!sent.IsOk)
        {
            // It can be tried again, from the staged content.
            return sent.Errno switch { Errno.ENOENT => Errno.EIO, Errno.ESTALE => _conflict, var errno => errno };
        }
        open.IsDirty = false;
        open.HasNewMetadata = false;
        open.Base = sent.Value;
        Attributes attributes = open.Node.Attributes;
        ObjectMetadata.Read(metadata, ref attributes);
        S3State state = ((S3State)open.Node.State!) with { Version = new ObjectVersion(sent.Value, ObjectVersion.NotTold), Metadata = metadata, IsCachedByKernel = true };
        Update(open.Node, new PathFacts(attributes, state));
        open.Sent = GetObject(open.Node);
        Unhold(open.Node);
        return Errno.None;
    }

    private async ValueTask<Result<string>> SendInPartsAsync(OpenInode open, MultipartUpload upload, Precondition condition)
    {
        while (PartLayout.GetStart(upload.Count) < open.Size)
        {
            await AddPartAsync(open, upload, open.Size).ConfigureAwait(false);
        }
        return await upload.CompleteAsync(condition).ConfigureAwait(false);
    }

    /// <summary>Lets go what was staged, sent or not.</summary>
    private async ValueTask DiscardAsync(OpenInode open)
    {
        await RestartAsync(open).ConfigureAwait(false);
        _staging.Release(open);
        if (open.IsUnlinked)
        {
            Unhold(open.Node);
        }
        if (open.IsDirty)
        {
            open.IsDirty = false;
            Unhold(open.Node);
            Expire(open.Node);
        }
    }

    /// <summary>A file's attributes as its object will have them, with what else the object had in its metadata.</summary>
    private static Dictionary<string, string> GetMetadata(PathNode node)
        => ObjectMetadata.Write(node.Attributes, ((S3State)node.State!).Metadata);

    /// <summary>Runs what may wait for this machine's disk.</summary>
    private Task<Errno> RunAsync(Action work) => _files.RunAsync(() =>
    {
        try
        {
            work();
            return Errno.None;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            if (exception.HResult != (int)Errno.ENOSPC)
            {
                _log.Warning($"{_address}: cannot keep what is written until it is sent: {exception.Message}");
            }
            // .NET keeps the system's number: a full disk must look like one.
            return exception.HResult == (int)Errno.ENOSPC ? Errno.ENOSPC : Errno.EIO;
        }
    });

    private static void Copy(PayloadReader source, SafeFileHandle to, long offset)
    {
        while (source.Remaining > 0)
        {
            ReadOnlySpan<byte> span = source.GetSpan();
            RandomAccess.Write(to, span, offset);
            offset += span.Length;
            source.Advance(span.Length);
        }
    }
}
