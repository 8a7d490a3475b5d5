namespace Kaleidofs.Transforms.Overlay;

/// <summary>What only looks.</summary>
public sealed partial class OverlayFileSystem
{
    /// <summary>Cookies from here on are sequences of the overlay's names; a lower filesystem's stay below.</summary>
    private const ulong FirstUpperCookie = 1UL << 61;

    /// <inheritdoc/>
    public override ValueTask<Result<Entry>> LookupAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name)
    {
        if (TryFindChanged(parent, name.Span, out Result<Entry> found))
        {
            return new(found);
        }
        ValueTask<Result<Entry>> lower = Inner.LookupAsync(context, parent, name);
        return lower.IsCompletedSuccessfully ? new(Cover(parent, name.Span, lower.Result)) : WaitAsync(this, parent, name, lower);

        static async ValueTask<Result<Entry>> WaitAsync(OverlayFileSystem self, ulong parent, ReadOnlyMemory<byte> name, ValueTask<Result<Entry>> lower)
        {
            Result<Entry> found = await lower.ConfigureAwait(false);
            return self.Cover(parent, name.Span, found);
        }
    }

    /// <inheritdoc/>
    public override void Forget(ulong inode, ulong count)
    {
        lock (_gate)
        {
            if (OverlayState.IsUpper(inode) || _state.Find(inode) is not null)
            {
                // The lower filesystem counted less than the caller did, or nothing.
                return;
            }
        }
        Inner.Forget(inode, count);
    }

    /// <inheritdoc/>
    public override ValueTask<Result<CachedAttributes>> GetAttributesAsync(RequestContext context, ulong inode, ulong? handle)
    {
        lock (_gate)
        {
            if (_state.Find(inode) is { } node)
            {
                return new(new CachedAttributes(node.Attributes, CacheTime.Forever));
            }
            if (_state.IsGone(inode))
            {
                return new(Errno.ESTALE);
            }
        }
        return Inner.GetAttributesAsync(context, inode, LowerHandle(handle));
    }

    /// <inheritdoc/>
    public override ValueTask<Result<ulong>> GetParentAsync(RequestContext context, ulong inode)
    {
        lock (_gate)
        {
            if (_state.FindNamed(inode) is { Parent: not 0 } node)
            {
                return new(node.Parent);
            }
            if (OverlayState.IsUpper(inode) || _state.IsDead(inode))
            {
                return new(_state.IsDead(inode) ? Errno.ESTALE : Errno.ENOSYS);
            }
        }
        return Inner.GetParentAsync(context, inode);
    }

    /// <inheritdoc/>
    public override ValueTask<Result<ReadOnlyMemory<byte>>> ReadLinkAsync(RequestContext context, ulong inode)
    {
        lock (_gate)
        {
            if (_state.Find(inode)?.Target is { } target)
            {
                return new((ReadOnlyMemory<byte>)target);
            }
            if (_state.IsGone(inode) || OverlayState.IsUpper(inode))
            {
                return new(_state.IsGone(inode) ? Errno.ESTALE : Errno.EINVAL);
            }
        }
        return Inner.ReadLinkAsync(context, inode);
    }

    /// <inheritdoc/>
    public override async ValueTask<Result<OpenedFile>> OpenDirectoryAsync(RequestContext context, ulong inode)
    {
        Result<Attributes> found = await GetAsync(context, inode).ConfigureAwait(false);
        if (!found.IsOk)
        {
            return found.Errno;
        }
        if (!found.Value.IsDirectory)
        {
            return Errno.ENOTDIR;
        }
        ulong? lower = null;
        if (!OverlayState.IsUpper(inode))
        {
            Result<OpenedFile> opened = await Inner.OpenDirectoryAsync(context, inode).ConfigureAwait(false);
            if (!opened.IsOk)
            {
                return opened;
            }
            lower = opened.Value.Handle;
        }
        return new OpenedFile(AddHandle(new OverlayHandle(null, lower)), Inner.Info.IsImmutable ? OpenOptions.KeepCache | OpenOptions.CacheDirectory : OpenOptions.None);
    }

    /// <inheritdoc/>
    public override async ValueTask<Errno> ListAsync(RequestContext context, ulong inode, ulong handle, ulong cookie, DirectoryWriter destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        if (!_handles.TryGetValue(handle, out OverlayHandle? opened) || opened.File is not null)
        {
            return Errno.EBADF;
        }
        if (cookie < FirstUpperCookie && opened.Lower is { } lower)
        {
            VisibleEntries entries = new(destination, (name, ref entry) => TryShow(inode, name, destination.IncludesLookup, ref entry)) { Cookie = cookie };
            do
            {
                entries.Seen = 0;
                Errno errno = await Inner.ListAsync(context, inode, lower, entries.Cookie, entries).ConfigureAwait(false);
                if (errno != Errno.None || entries.IsFull)
                {
                    return errno;
                }
                if (entries.Cookie >= FirstUpperCookie)
                {
                    return Errno.EOVERFLOW;
                }
            }
            while (entries.Seen > 0);
        }
        lock (_gate)
        {
            ulong after = cookie < FirstUpperCookie ? 0 : cookie - FirstUpperCookie;
            foreach ((byte[] name, OverlayName value) in _state.FindNamed(inode)?.Directory?.Enumerate(after) ?? [])
            {
                if (!destination.TryAdd(name, FirstUpperCookie + value.Sequence, EntryOf(value.Inode)))
                {
                    break;
                }
            }
        }
        return Errno.None;
    }

    /// <inheritdoc/>
    public override ValueTask<Errno> ReleaseDirectoryAsync(RequestContext context, ulong inode, ulong handle)
        => !_handles.TryRemove(handle, out OverlayHandle? opened) ? new(Errno.EBADF)
            : opened.Lower is { } lower ? Inner.ReleaseDirectoryAsync(context, inode, lower)
            : new(Errno.None);

    /// <inheritdoc/>
    public override async ValueTask<Result<FileSystemStatistics>> GetStatisticsAsync(RequestContext context, ulong inode)
    {
        Result<FileSystemStatistics> lower = await Inner.GetStatisticsAsync(context, FileSystem.RootInode).ConfigureAwait(false);
        if (!lower.IsOk)
        {
            return lower;
        }
        FileSystemStatistics statistics = lower.Value;
        uint unit = statistics.FragmentSize == 0 ? 4096 : statistics.FragmentSize;
        statistics.FragmentSize = unit;
        long free = 0;
        Errno errno = await _store.RunAsync(() => free = new DriveInfo(_settings.Directory).AvailableFreeSpace).ConfigureAwait(false);
        if (errno == Errno.None)
        {
            statistics.FreeBlocks = statistics.AvailableBlocks = (ulong)free / unit;
            statistics.Blocks += statistics.FreeBlocks;
        }
        lock (_gate)
        {
            statistics.FreeFiles = (ulong)Math.Max(0, _settings.MaxChangedInodes - _state.NodeCount);
            statistics.Files += (ulong)_settings.MaxChangedInodes;
        }
        return statistics;
    }

    /// <summary>What a changed name leads to; false if the lower filesystem knows.</summary>
    private bool TryFindChanged(ulong parent, ReadOnlySpan<byte> name, out Result<Entry> found)
    {
        lock (_gate)
        {
            if (_state.IsDead(parent))
            {
                found = _state.IsGone(parent) ? Errno.ESTALE : Errno.ENOENT;
                return true;
            }
            OverlayNode? node = _state.FindNamed(parent);
            if (node?.Directory?.TryGet(name, out OverlayName changed) == true)
            {
                found = changed.Inode == 0 ? new Entry { NameTime = CacheTime.Forever } : EntryOf(changed.Inode);
                return true;
            }
            found = node is { Attributes.IsDirectory: false } ? Errno.ENOTDIR : new Entry { NameTime = CacheTime.Forever };
            return OverlayState.IsUpper(parent) || (node is not null && !node.Attributes.IsDirectory);
        }
    }

    /// <summary>What the overlay makes of the lower filesystem's answer, which it may have waited for.</summary>
    private Result<Entry> Cover(ulong parent, ReadOnlySpan<byte> name, Result<Entry> lower)
    {
        if (TryFindChanged(parent, name, out Result<Entry> changed))
        {
            return changed;
        }
        if (!lower.IsOk)
        {
            return lower.Errno == Errno.ENOENT ? new Entry { NameTime = _absence } : lower;
        }
        Entry entry = lower.Value;
        if (entry.Attributes.Inode == 0)
        {
            return entry;
        }
        if (OverlayState.IsUpper(entry.Attributes.Inode))
        {
            return Errno.EOVERFLOW;
        }
        lock (_gate)
        {
            return Overlay(ref entry) ? entry : new Entry { NameTime = CacheTime.Forever };
        }
    }

    /// <summary>Whether a lower entry is shown in a listing.</summary>
    private bool TryShow(ulong directory, ReadOnlySpan<byte> name, bool isLookup, ref Entry entry)
    {
        ulong inode = entry.Attributes.Inode;
        lock (_gate)
        {
            if (!_state.IsDead(directory) && _state.FindNamed(directory)?.Directory?.TryGet(name, out _) != true && Overlay(ref entry))
            {
                return true;
            }
        }
        if (isLookup)
        {
            Inner.Forget(inode, 1);
        }
        return false;
    }

    /// <summary>Puts the overlay's attributes into a lower entry; false if the inode is gone. The gate is held.</summary>
    private bool Overlay(ref Entry entry)
    {
        ulong inode = entry.Attributes.Inode;
        if (_state.IsDead(inode))
        {
            return false;
        }
        if (_state.FindNamed(inode) is { } node)
        {
            entry.Attributes = node.Attributes;
            entry.AttributeTime = CacheTime.Forever;
        }
        return true;
    }

    /// <summary>The entry of an inode that the overlay has. The gate is held.</summary>
    private Entry EntryOf(ulong inode) => new()
    {
        Attributes = _state.FindNamed(inode)!.Attributes,
        NameTime = CacheTime.Forever,
        AttributeTime = CacheTime.Forever,
    };

    private ulong AddHandle(OverlayHandle handle)
    {
        ulong number = Interlocked.Increment(ref _lastHandle);
        _handles[number] = handle;
        return number;
    }

    private ulong? LowerHandle(ulong? handle) => handle is { } number && _handles.TryGetValue(number, out OverlayHandle? opened) ? opened.Lower : null;
}
