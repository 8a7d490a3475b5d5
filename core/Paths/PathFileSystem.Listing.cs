namespace Kaleidofs.Paths;

public abstract partial class PathFileSystem
{
    /// <inheritdoc/>
    public override ValueTask<Result<OpenedFile>> OpenDirectoryAsync(RequestContext context, ulong inode)
    {
        lock (_lock)
        {
            if (!_nodes.TryGet(inode, out PathNode? node))
            {
                return OpenEarlierDirectoryAsync(context, inode);
            }
            if (!node.IsDirectory)
            {
                return new(Errno.ENOTDIR);
            }
            _opened.Add(++_lastHandle, null);
            return new(new OpenedFile(_lastHandle));
        }
    }

    private ValueTask<Result<OpenedFile>> OpenEarlierDirectoryAsync(RequestContext context, ulong inode)
        => RestoreAsync(context, inode, _ => OpenDirectoryAsync(context, inode));

    /// <inheritdoc/>
    public override ValueTask<Errno> ReleaseDirectoryAsync(RequestContext context, ulong inode, ulong handle)
    {
        lock (_lock)
        {
            if (!_opened.Remove(handle, out PathListing? listing))
            {
                return new(Errno.EBADF);
            }
            if (listing is not null)
            {
                listing.Readers--;
            }
            return default;
        }
    }

    /// <inheritdoc/>
    public override ValueTask<Errno> ListAsync(RequestContext context, ulong inode, ulong handle, ulong cookie, DirectoryWriter destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        PathListing? listing;
        lock (_lock)
        {
            if (!_nodes.TryGet(inode, out PathNode? node))
            {
                return new(Errno.ESTALE);
            }
            if (!_opened.TryGetValue(handle, out listing))
            {
                return new(Errno.EBADF);
            }
            if (listing is null || cookie == 0)
            {
                if (listing is not null)
                {
                    listing.Readers--;
                }
                listing = GetListing(node);
                listing.Readers++;
                _opened[handle] = listing;
            }
            if (TryWrite(listing, cookie, destination, out Errno errno))
            {
                return new(errno);
            }
        }
        return ListSlowAsync(context, listing, cookie, destination);
    }

    /// <summary>Reads the directory if that has not been done within the times; the nodes are then in the table.</summary>
    /// <returns>The nodes that are in it.</returns>
    protected async ValueTask<Result<IReadOnlyList<PathNode>>> ReadWholeAsync(RequestContext context, PathNode directory)
    {
        ArgumentNullException.ThrowIfNull(directory);
        PathListing listing;
        lock (_lock)
        {
            listing = GetListing(directory);
        }
        while (true)
        {
            Task more;
            lock (_lock)
            {
                if (listing.IsDone)
                {
                    if (listing.Errno != Errno.None)
                    {
                        return listing.Errno;
                    }
                    IReadOnlyList<PathNode> nodes = [.. directory.Directory?.Nodes ?? []];
                    return new Result<IReadOnlyList<PathNode>>(nodes);
                }
                more = listing.More;
            }
            await more.WaitAsync(context.CancellationToken).ConfigureAwait(false);
        }
    }

    internal void AddListed(PathListing listing, ReadOnlySpan<byte> name, in PathFacts facts)
    {
        lock (_lock)
        {
            PathDirectory known = listing.Directory.Directory ??= new PathDirectory();
            PathNode? node = known.Find(name);
            if (node is not null && node.Listing == listing)
            {
                return;
            }
            if (node is null ? known.Outdates(name, listing.BeganIn) && known.FindAbsence(name) > 0 : node.Holds > 0 || node.ChangedIn > listing.BeganIn)
            {
                if (node is not null)
                {
                    listing.Append(node);
                }
                return;
            }
            node = Tell(listing.Directory, known, node, name, in facts);
            if (IsDoubted(listing))
            {
                node.FreshUntil = 0;
            }
            listing.Append(node);
        }
    }

    internal void PublishListed(PathListing listing)
    {
        TaskCompletionSource signal;
        lock (_lock)
        {
            signal = listing.TakeSignal();
        }
        signal.TrySetResult();
    }

    /// <summary>
    /// What to believe of a path that is known when the source tells of it again; under the table's lock. A listing may tell less than
    /// <see cref="FindAsync"/> does, and what that told may still be so.
    /// </summary>
    protected virtual PathFacts Merge(PathNode known, in PathFacts told) => told;

    /// <summary>Whether others have changed something of what it lists since it began.</summary>
    private static bool IsDoubted(PathListing listing) => listing.Directory.Directory is { } known && known.DoubtedIn > listing.BeganIn;

    private PathListing GetListing(PathNode directory)
    {
        PathDirectory known = directory.Directory ??= new PathDirectory();
        if (known.Listing is { } listing && (!listing.IsDone || (listing.Errno == Errno.None && listing.FreshUntil > Now)))
        {
            return listing;
        }
        listing = new PathListing(this, directory, _step);
        known.Listing = listing;
        _ = ReadListingAsync(listing);
        return listing;
    }

    private async Task ReadListingAsync(PathListing listing)
    {
        await Task.Yield();
        Errno errno = Errno.EIO;
        try
        {
            errno = await ReadDirectoryAsync(listing.Directory, listing, Ending).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The filesystem ends.
            errno = Errno.EINTR;
        }
        finally
        {
            TaskCompletionSource signal;
            lock (_lock)
            {
                if (errno == Errno.None)
                {
                    Reconcile(listing);
                }
                listing.End(errno, IsDoubted(listing) ? 0 : Now + (long)_times.Present.TotalMilliseconds);
                signal = listing.TakeSignal();
            }
            signal.TrySetResult();
        }
    }

    /// <summary>What a whole listing did not name is gone, unless it was made here since.</summary>
    private void Reconcile(PathListing listing)
    {
        if (listing.Directory.Directory is not { } known)
        {
            return;
        }
        foreach (PathNode node in known.Nodes.ToArray())
        {
            if (node.Listing == listing)
            {
                continue;
            }
            if (node.Holds > 0 || node.ChangedIn > listing.BeganIn)
            {
                listing.Append(node);
            }
            else
            {
                Detach(node);
            }
        }
    }

    private async ValueTask<Errno> ListSlowAsync(RequestContext context, PathListing listing, ulong cookie, DirectoryWriter destination)
    {
        while (true)
        {
            Task more;
            lock (_lock)
            {
                if (TryWrite(listing, cookie, destination, out Errno errno))
                {
                    return errno;
                }
                more = listing.More;
            }
            await more.WaitAsync(context.CancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Writes what there is behind a position; false if there is nothing yet.</summary>
    private bool TryWrite(PathListing listing, ulong cookie, DirectoryWriter destination, out Errno errno)
    {
        errno = Errno.None;
        long now = Now;
        bool isAny = false;
        for (int index = (int)Math.Min(cookie, int.MaxValue); index < listing.Count; index++)
        {
            if (listing[index] is not { IsGone: false } node || node.Parent != listing.Directory)
            {
                continue;
            }
            if (!destination.TryAdd(node.NameBytes, (ulong)index + 1, Describe(node, now, countsLookup: false)))
            {
                _numbers.Flush(_nodes.All);
                return true;
            }
            if (destination.IncludesLookup)
            {
                node.Lookups++;
                _numbers.Note(node);
            }
            isAny = true;
        }
        _numbers.Flush(_nodes.All);
        if (listing.IsDone && !isAny)
        {
            errno = listing.Errno;
        }
        return isAny || listing.IsDone;
    }
}
