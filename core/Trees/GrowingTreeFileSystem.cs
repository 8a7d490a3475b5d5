namespace Kaleidofs.Trees;

/// <summary>
/// Serves a source while its index is still made. What is known is answered at once. What is not known yet waits: a name that is not there
/// may come, a directory's listing gives what there is and ends when all is known, so that nobody takes a part for the whole. Content
/// waits, too: a checksum at the source's end may stand for all of it.
/// </summary>
/// <remarks>Numbers are those of the tree that is built, and stay. Once that is complete, every call goes to the filesystem over it.</remarks>
public sealed class GrowingTreeFileSystem : FileSystem
{
    /// <summary>How long somebody who waits sleeps before he looks again.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(5);

    private readonly Task<TreeFileSystem> _whole;
    private readonly Func<double> _progress;
    private readonly CancellationTokenSource _end;
    // Null when all is known.
    private volatile TreeGrowth? _growth;
    private volatile TreeFileSystem? _complete;

    /// <summary>A filesystem over a tree that grows.</summary>
    /// <param name="growth">The tree.</param>
    /// <param name="whole">The filesystem over the complete tree, when it is. One that fails answers EIO from then on; who makes it says why.</param>
    /// <param name="progress">How much of the source is known, from 0 to 1.</param>
    /// <param name="end">Ends the making, if nobody wants the filesystem any more. Owned.</param>
    public GrowingTreeFileSystem(TreeGrowth growth, Task<TreeFileSystem> whole, Func<double> progress, CancellationTokenSource end)
    {
        _growth = growth;
        _whole = whole;
        _progress = progress;
        _end = end;
        Completion = CompleteAsync();
    }

    /// <summary>Whether a listing ends with what is known by then, for people who would rather see a part than wait.</summary>
    public bool ListsParts { get; init; }

    /// <inheritdoc/>
    public override double Progress => _complete is null ? Math.Min(_progress(), 0.99) : 1;

    /// <inheritdoc/>
    public override Task Completion { get; }

    /// <inheritdoc/>
    public override FileSystemInfo Info => _complete?.Info ?? new FileSystemInfo { IsImmutable = true, IsStateless = true, KnowsParents = true };

    /// <inheritdoc/>
    public override ValueTask<Result<Entry>> LookupAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name)
        => _complete is { } complete ? complete.LookupAsync(context, parent, name) : new(LookupLaterAsync(context, parent, name));

    /// <inheritdoc/>
    public override ValueTask<Result<CachedAttributes>> GetAttributesAsync(RequestContext context, ulong inode, ulong? handle)
    {
        if (_complete is { } complete)
        {
            return complete.GetAttributesAsync(context, inode, handle);
        }
        Result<Attributes> found = _growth is { } growth ? growth.GetAttributes(inode) : Errno.ESTALE;
        return found.IsOk ? new(new CachedAttributes(found.Value, CacheTime.None)) : new(WhenWholeAsync(context, whole => whole.GetAttributesAsync(context, inode, handle)));
    }

    /// <inheritdoc/>
    public override ValueTask<Result<ulong>> GetParentAsync(RequestContext context, ulong inode)
    {
        if (_complete is { } complete)
        {
            return complete.GetParentAsync(context, inode);
        }
        Result<ulong> found = _growth is { } growth ? growth.GetParent(inode) : Errno.ESTALE;
        return found.IsOk ? new(found) : new(WhenWholeAsync(context, whole => whole.GetParentAsync(context, inode)));
    }

    /// <inheritdoc/>
    public override ValueTask<Result<ReadOnlyMemory<byte>>> ReadLinkAsync(RequestContext context, ulong inode)
    {
        if (_complete is { } complete)
        {
            return complete.ReadLinkAsync(context, inode);
        }
        Result<ReadOnlyMemory<byte>> target = _growth is { } growth ? growth.GetTarget(inode) : Errno.ESTALE;
        return target.IsOk && !target.Value.IsEmpty ? new(target) : new(WhenWholeAsync(context, whole => whole.ReadLinkAsync(context, inode)));
    }

    /// <inheritdoc/>
    public override ValueTask<Result<OpenedFile>> OpenAsync(RequestContext context, ulong inode, OpenFlags flags)
        => _complete is { } complete ? complete.OpenAsync(context, inode, flags) : new(WhenWholeAsync(context, whole => whole.OpenAsync(context, inode, flags)));

    /// <inheritdoc/>
    public override ValueTask<Errno> ReadAsync(RequestContext context, ulong inode, ulong handle, long offset, PayloadWriter destination)
        => _complete is { } complete
            ? complete.ReadAsync(context, inode, handle, offset, destination)
            : new(WhenWholeAsync(context, whole => whole.ReadAsync(context, inode, handle, offset, destination), static errno => errno));

    /// <inheritdoc/>
    public override ValueTask<Result<OpenedFile>> OpenDirectoryAsync(RequestContext context, ulong inode)
    {
        if (_complete is { } complete)
        {
            return complete.OpenDirectoryAsync(context, inode);
        }
        Result<Attributes> found = _growth is { } growth ? growth.GetAttributes(inode) : Errno.ESTALE;
        return !found.IsOk ? new(WhenWholeAsync(context, whole => whole.OpenDirectoryAsync(context, inode)))
            // A part of a listing is not to be cached.
            : found.Value.IsDirectory ? new(new OpenedFile(0, OpenOptions.None))
            : new(Errno.ENOTDIR);
    }

    /// <inheritdoc/>
    public override ValueTask<Errno> ListAsync(RequestContext context, ulong inode, ulong handle, ulong cookie, DirectoryWriter destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        return _complete is not { } complete ? new(ListLaterAsync(context, inode, cookie, destination))
            // Begun while the tree grew.
            : TreeGrowth.TryGetEntry(cookie, out ulong entry) ? complete.ListBehind(inode, entry, destination)
            : complete.ListAsync(context, inode, handle, cookie, destination);
    }

    /// <inheritdoc/>
    public override ValueTask<Result<FileSystemStatistics>> GetStatisticsAsync(RequestContext context, ulong inode)
        => _complete is { } complete ? complete.GetStatisticsAsync(context, inode)
            : new(new FileSystemStatistics { Files = (ulong)(_growth?.Count ?? 0), BlockSize = 4096, FragmentSize = 4096, NameLength = MaxNameLength });

    /// <inheritdoc/>
    public override ValueTask<Errno> AccessAsync(RequestContext context, ulong inode, uint mask)
        => _complete is { } complete ? complete.AccessAsync(context, inode, mask) : base.AccessAsync(context, inode, mask);

    /// <inheritdoc/>
    public override ValueTask<Result<ReadOnlyMemory<byte>>> GetExtendedAttributeAsync(RequestContext context, ulong inode, ReadOnlyMemory<byte> name)
    {
        if (_complete is { } complete)
        {
            return complete.GetExtendedAttributeAsync(context, inode, name);
        }
        Result<ExtendedAttributeSet?> found = _growth is { } growth ? growth.GetExtendedAttributes(inode) : Errno.ESTALE;
        return !found.IsOk ? new(WhenWholeAsync(context, whole => whole.GetExtendedAttributeAsync(context, inode, name)))
            : found.Value is { } set && set.TryGet(name.Span, out ReadOnlyMemory<byte> value) ? new(value)
            : new(Errno.ENODATA);
    }

    /// <inheritdoc/>
    public override ValueTask<Result<ReadOnlyMemory<byte>>> ListExtendedAttributesAsync(RequestContext context, ulong inode)
    {
        if (_complete is { } complete)
        {
            return complete.ListExtendedAttributesAsync(context, inode);
        }
        Result<ExtendedAttributeSet?> found = _growth is { } growth ? growth.GetExtendedAttributes(inode) : Errno.ESTALE;
        return !found.IsOk ? new(WhenWholeAsync(context, whole => whole.ListExtendedAttributesAsync(context, inode)))
            : new(found.Value?.Names ?? ReadOnlyMemory<byte>.Empty);
    }

    /// <inheritdoc/>
    public override ValueTask<Result<long>> SeekAsync(RequestContext context, ulong inode, ulong handle, long offset, SeekKind kind)
        => _complete is { } complete
            ? complete.SeekAsync(context, inode, handle, offset, kind)
            : new(WhenWholeAsync(context, whole => whole.SeekAsync(context, inode, handle, offset, kind)));

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_complete is { } complete)
        {
            await complete.DisposeAsync().ConfigureAwait(false);
        }
        _end.Dispose();
        await base.DisposeAsync().ConfigureAwait(false);
    }

    private async Task CompleteAsync()
    {
        try
        {
            _complete = await _whole.ConfigureAwait(false);
        }
        finally
        {
            _growth = null;
        }
    }

    /// <summary>Waits for more, or all, to be known.</summary>
    private async Task WaitAsync(RequestContext context)
        => await Task.WhenAny(Completion, Task.Delay(Interval, context.CancellationToken)).WaitAsync(context.CancellationToken).ConfigureAwait(false);

    private Task<Result<T>> WhenWholeAsync<T>(RequestContext context, Func<TreeFileSystem, ValueTask<Result<T>>> operation)
        => WhenWholeAsync(context, operation, static errno => (Result<T>)errno);

    /// <summary>Does what only the whole can.</summary>
    private async Task<T> WhenWholeAsync<T>(RequestContext context, Func<TreeFileSystem, ValueTask<T>> operation, Func<Errno, T> fail)
    {
        await Completion.WaitAsync(context.CancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return context.CancellationToken.IsCancellationRequested ? fail(Errno.EINTR)
            : _complete is { } complete ? await operation(complete).ConfigureAwait(false)
            : fail(Errno.EIO);
    }

    private async Task<Result<Entry>> LookupLaterAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name)
    {
        while (_growth is { } growth)
        {
            Result<Entry> found = growth.Find(parent, name.Span);
            if (!found.IsOk || found.Value.Attributes.Inode != 0)
            {
                return found;
            }
            await WaitAsync(context).ConfigureAwait(false);
        }
        return await WhenWholeAsync(context, whole => whole.LookupAsync(context, parent, name)).ConfigureAwait(false);
    }

    private async Task<Errno> ListLaterAsync(RequestContext context, ulong inode, ulong cookie, DirectoryWriter destination)
    {
        _ = TreeGrowth.TryGetEntry(cookie, out ulong last);
        while (_growth is { } growth)
        {
            Result<bool> listed = growth.List(inode, last, destination);
            if (!listed.IsOk || listed.Value || ListsParts)
            {
                return listed.Errno;
            }
            await WaitAsync(context).ConfigureAwait(false);
        }
        return await WhenWholeAsync(context, whole => whole.ListBehind(inode, last, destination), static errno => errno).ConfigureAwait(false);
    }
}
