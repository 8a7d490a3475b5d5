namespace Kaleidofs.Transforms.Overlay;

/// <summary>What makes and removes names.</summary>
public sealed partial class OverlayFileSystem
{
    /// <summary>The longest target that Linux follows (PATH_MAX without its NUL).</summary>
    private const int MaxTarget = 4095;

    private const uint SetGroupId = 0x400;

    /// <inheritdoc/>
    public override async ValueTask<Result<CreatedFile>> CreateAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name, uint mode, OpenFlags flags)
    {
        Entry entry;
        bool isNew;
        OpenInode? open = null;
        await _names.WaitAsync().ConfigureAwait(false);
        try
        {
            Result<Entry> made = await MakeAsync(context, parent, name, FileType.Regular | (mode & ~FileType.Mask), 0, default).ConfigureAwait(false);
            isNew = made.IsOk;
            if (made.Errno == Errno.EEXIST && (flags & OpenFlags.Exclusive) == 0)
            {
                Result<FoundName> there = await FindAsync(context, parent, name).ConfigureAwait(false);
                made = there.IsOk ? new Entry { Attributes = there.Value.Attributes, NameTime = CacheTime.Forever, AttributeTime = CacheTime.Forever } : there.Errno;
            }
            if (!made.IsOk)
            {
                return made.Errno;
            }
            entry = made.Value;
            if (isNew)
            {
                // Before somebody else can remove it.
                open = Hold(entry.Attributes.Inode);
            }
        }
        finally
        {
            _names.Release();
        }
        if (open is not null)
        {
            return new CreatedFile(entry, new OpenedFile(AddHandle(new OverlayHandle(open, null)), OpenOptions.KeepCache));
        }
        Result<OpenedFile> opened = await OpenAsync(context, entry.Attributes.Inode, flags).ConfigureAwait(false);
        if (!opened.IsOk)
        {
            return opened.Errno;
        }
        Result<Attributes> now = await GetAsync(context, entry.Attributes.Inode).ConfigureAwait(false);
        entry.Attributes = now.IsOk ? now.Value : entry.Attributes;
        return new CreatedFile(entry, opened.Value);
    }

    /// <inheritdoc/>
    public override async ValueTask<Result<CreatedFile>> CreateUnnamedAsync(RequestContext context, ulong parent, uint mode, OpenFlags flags)
    {
        await _names.WaitAsync().ConfigureAwait(false);
        try
        {
            Result<Attributes> directory = await GetDirectoryAsync(context, parent).ConfigureAwait(false);
            if (!directory.IsOk)
            {
                return directory.Errno;
            }
            Attributes attributes = NewAttributes(context, directory.Value, FileType.Regular | (mode & ~FileType.Mask));
            ulong inode = attributes.Inode;
            RecordWriter records = new();
            records.AddNode(attributes, NodeFields.All);
            records.AddContent(inode, isHere: true, isDirty: false);
            // Somebody has it open, so that it goes on; after a crash it is gone.
            records.AddDead(inode);
            OpenInode open = Hold(inode);
            Errno errno = await CommitAsync(records).ConfigureAwait(false);
            if (errno != Errno.None)
            {
                await DropAsync(open).ConfigureAwait(false);
                return errno;
            }
            Entry entry = new() { Attributes = attributes, NameTime = CacheTime.None, AttributeTime = CacheTime.None };
            return new CreatedFile(entry, new OpenedFile(AddHandle(new OverlayHandle(open, null)), OpenOptions.KeepCache));
        }
        finally
        {
            _names.Release();
        }
    }

    /// <inheritdoc/>
    public override ValueTask<Result<Entry>> MakeNodeAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name, uint mode, uint deviceId)
    {
        uint type = mode & FileType.Mask;
        return type is 0 or FileType.Regular or FileType.Fifo or FileType.Socket or FileType.CharacterDevice or FileType.BlockDevice
            ? MakeExclusivelyAsync(context, parent, name, type == 0 ? mode | FileType.Regular : mode, deviceId, default)
            : new(Errno.EINVAL);
    }

    /// <inheritdoc/>
    public override ValueTask<Result<Entry>> MakeDirectoryAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name, uint mode)
        => MakeExclusivelyAsync(context, parent, name, FileType.Directory | (mode & ~FileType.Mask), 0, default);

    /// <inheritdoc/>
    public override ValueTask<Result<Entry>> MakeSymbolicLinkAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name, ReadOnlyMemory<byte> target)
        => target.Length is 0 or > MaxTarget
            ? new(target.IsEmpty ? Errno.ENOENT : Errno.ENAMETOOLONG)
            : MakeExclusivelyAsync(context, parent, name, FileType.SymbolicLink | 0x1FF, 0, target);

    /// <inheritdoc/>
    public override async ValueTask<Result<Entry>> LinkAsync(RequestContext context, ulong inode, ulong newParent, ReadOnlyMemory<byte> newName)
    {
        if (HoldUnnamed(inode) is not { } unnamed)
        {
            return await LinkAsync(context, inode, null, newParent, newName).ConfigureAwait(false);
        }
        // What is recorded of it is what it is: nobody writes to it meanwhile, and it does not go with its last handle.
        await unnamed.Writing.WaitAsync().ConfigureAwait(false);
        Result<Entry> result = await LinkAsync(context, inode, unnamed, newParent, newName).ConfigureAwait(false);
        unnamed.Writing.Release();
        Errno errno = await DropAsync(unnamed).ConfigureAwait(false);
        return result.IsOk && errno != Errno.None ? errno : result;
    }

    private async ValueTask<Result<Entry>> LinkAsync(RequestContext context, ulong inode, OpenInode? unnamed, ulong newParent, ReadOnlyMemory<byte> newName)
    {
        await _names.WaitAsync().ConfigureAwait(false);
        try
        {
            Result<Attributes> linked = unnamed is null
                ? await GetNamedAsync(context, inode).ConfigureAwait(false)
                : await GetAsync(context, inode).ConfigureAwait(false);
            Result<Attributes> directory = await GetDirectoryAsync(context, newParent).ConfigureAwait(false);
            Result<FoundName> found = directory.IsOk ? await FindAsync(context, newParent, newName).ConfigureAwait(false) : directory.Errno;
            Errno errno = !linked.IsOk ? linked.Errno
                : linked.Value.IsDirectory ? Errno.EPERM
                : !found.IsOk ? found.Errno
                : found.Value.IsThere ? Errno.EEXIST
                : linked.Value.LinkCount >= int.MaxValue ? Errno.EMLINK
                : Errno.None;
            if (errno != Errno.None)
            {
                return errno;
            }
            RecordWriter records = new();
            Attributes attributes = linked.Value;
            attributes.LinkCount = unnamed is null ? Math.Max(attributes.LinkCount, 1) + 1 : 1;
            attributes.ChangeTime = Now;
            if (unnamed?.Orphan is { } orphan)
            {
                lock (_gate)
                {
                    OverlayState.Save(records, orphan);
                }
            }
            AddNode(records, attributes, NodeFields.LinkCount | NodeFields.ChangeTime);
            AddDirectory(records, directory.Value, 0);
            AddName(records, newParent, newName.Span, inode, found.Value.IsInLower);
            return await CommitAsync(records).ConfigureAwait(false) is var failure and not Errno.None ? failure : Entry(inode);
        }
        finally
        {
            _names.Release();
        }
    }

    /// <inheritdoc/>
    public override ValueTask<Errno> UnlinkAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name) => RemoveAsync(context, parent, name, isDirectory: false);

    /// <inheritdoc/>
    public override ValueTask<Errno> RemoveDirectoryAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name) => RemoveAsync(context, parent, name, isDirectory: true);

    /// <summary>Keeps at hand a file that was made here and has no name, but is open; null if it is none.</summary>
    private OpenInode? HoldUnnamed(ulong inode)
    {
        lock (_gate)
        {
            return OverlayState.IsUpper(inode) && _state.Open.TryGetValue(inode, out OpenInode? open) && open.Orphan is not null ? Hold(inode) : null;
        }
    }

    private async ValueTask<Errno> RemoveAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name, bool isDirectory)
    {
        await _names.WaitAsync().ConfigureAwait(false);
        try
        {
            Result<Attributes> directory = await GetDirectoryAsync(context, parent).ConfigureAwait(false);
            Result<FoundName> found = directory.IsOk ? await FindAsync(context, parent, name).ConfigureAwait(false) : directory.Errno;
            if (!found.IsOk)
            {
                return found.Errno;
            }
            Attributes attributes = found.Value.Attributes;
            Errno errno = !found.Value.IsThere ? Errno.ENOENT
                : attributes.IsDirectory != isDirectory ? (isDirectory ? Errno.ENOTDIR : Errno.EISDIR)
                : isDirectory ? await CheckEmptyAsync(context, attributes.Inode).ConfigureAwait(false)
                : Errno.None;
            if (errno != Errno.None)
            {
                return errno;
            }
            RecordWriter records = new();
            AddRemoval(records, attributes);
            AddDirectory(records, directory.Value, isDirectory ? -1 : 0);
            AddName(records, parent, name.Span, 0, found.Value.IsInLower);
            return await CommitAsync(records).ConfigureAwait(false);
        }
        finally
        {
            _names.Release();
        }
    }

    private async ValueTask<Result<Entry>> MakeExclusivelyAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name, uint mode, uint device, ReadOnlyMemory<byte> target)
    {
        await _names.WaitAsync().ConfigureAwait(false);
        try
        {
            return await MakeAsync(context, parent, name, mode, device, target).ConfigureAwait(false);
        }
        finally
        {
            _names.Release();
        }
    }

    private async ValueTask<Result<Entry>> MakeAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name, uint mode, uint device, ReadOnlyMemory<byte> target)
    {
        Result<Attributes> directory = await GetDirectoryAsync(context, parent).ConfigureAwait(false);
        Result<FoundName> found = directory.IsOk ? await FindAsync(context, parent, name).ConfigureAwait(false) : directory.Errno;
        if (!found.IsOk || found.Value.IsThere)
        {
            return found.IsOk ? Errno.EEXIST : found.Errno;
        }
        Attributes attributes = NewAttributes(context, directory.Value, mode);
        attributes.DeviceId = device;
        attributes.Size = (ulong)target.Length;
        attributes.LinkCount = attributes.IsDirectory ? 2u : 1u;
        RecordWriter records = new();
        records.AddNode(attributes, NodeFields.All);
        if (attributes.IsRegularFile)
        {
            // There is no file yet: that is an empty one.
            records.AddContent(attributes.Inode, isHere: true, isDirty: false);
        }
        if (attributes.IsDirectory)
        {
            records.AddParent(attributes.Inode, parent);
        }
        if (!target.IsEmpty)
        {
            records.AddTarget(attributes.Inode, target.Span);
        }
        AddDirectory(records, directory.Value, attributes.IsDirectory ? 1 : 0);
        AddName(records, parent, name.Span, attributes.Inode, found.Value.IsInLower);
        return await CommitAsync(records).ConfigureAwait(false) is var errno and not Errno.None ? errno : Entry(attributes.Inode);
    }

    /// <summary>What a new inode in a directory begins with: no name yet.</summary>
    private Attributes NewAttributes(RequestContext context, in Attributes directory, uint mode)
    {
        Timestamp now = Now;
        Attributes attributes = new()
        {
            Mode = mode,
            UserId = context.UserId,
            GroupId = context.GroupId,
            AccessTime = now,
            ModificationTime = now,
            ChangeTime = now,
            BirthTime = now,
        };
        if ((directory.Mode & SetGroupId) != 0)
        {
            // As every filesystem of Linux does: the group is the directory's, and goes on down.
            attributes.GroupId = directory.GroupId;
            attributes.Mode |= attributes.IsDirectory ? SetGroupId : 0;
        }
        lock (_gate)
        {
            attributes.Inode = _state.NextInode;
        }
        return attributes;
    }

    /// <summary>What a name leads to now. <see cref="_names"/> is held.</summary>
    private async ValueTask<Result<FoundName>> FindAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name)
    {
        lock (_gate)
        {
            if (_state.FindNamed(parent)?.Directory?.TryGet(name.Span, out OverlayName changed) == true)
            {
                return new FoundName(changed.Inode == 0 ? default : _state.FindNamed(changed.Inode)!.Attributes, changed.CoversLower);
            }
        }
        if (OverlayState.IsUpper(parent))
        {
            return default(FoundName);
        }
        Result<Entry> lower = await Inner.LookupAsync(context, parent, name).ConfigureAwait(false);
        if (!lower.IsOk)
        {
            return lower.Errno == Errno.ENOENT ? default(FoundName) : lower.Errno;
        }
        Entry entry = lower.Value;
        if (entry.Attributes.Inode == 0)
        {
            return default(FoundName);
        }
        Inner.Forget(entry.Attributes.Inode, 1);
        if (OverlayState.IsUpper(entry.Attributes.Inode))
        {
            return Errno.EOVERFLOW;
        }
        lock (_gate)
        {
            return new FoundName(Overlay(ref entry) ? entry.Attributes : default, IsInLower: true);
        }
    }

    /// <summary>ENOTEMPTY if a directory has something.</summary>
    private async ValueTask<Errno> CheckEmptyAsync(RequestContext context, ulong inode)
    {
        Result<OpenedFile> opened = await OpenDirectoryAsync(context, inode).ConfigureAwait(false);
        if (!opened.IsOk)
        {
            return opened.Errno;
        }
        FirstEntry first = new();
        Errno errno = await ListAsync(context, inode, opened.Value.Handle, 0, first).ConfigureAwait(false);
        await ReleaseDirectoryAsync(context, inode, opened.Value.Handle).ConfigureAwait(false);
        return errno == Errno.None && first.IsThere ? Errno.ENOTEMPTY : errno;
    }

    /// <summary>An inode's attributes if it has a name still.</summary>
    private async ValueTask<Result<Attributes>> GetNamedAsync(RequestContext context, ulong inode)
    {
        lock (_gate)
        {
            if (_state.IsDead(inode))
            {
                return _state.IsGone(inode) ? Errno.ESTALE : Errno.ENOENT;
            }
        }
        return await GetAsync(context, inode).ConfigureAwait(false);
    }

    /// <summary>Adds that an inode has one name less to a change.</summary>
    private void AddRemoval(RecordWriter records, Attributes attributes)
    {
        attributes.ChangeTime = Now;
        attributes.LinkCount = attributes.IsDirectory ? 0 : Math.Max(attributes.LinkCount, 1) - 1;
        if (attributes.LinkCount > 0)
        {
            AddNode(records, attributes, NodeFields.LinkCount | NodeFields.ChangeTime);
            return;
        }
        bool isOpen;
        lock (_gate)
        {
            isOpen = _state.Open.ContainsKey(attributes.Inode);
        }
        if (isOpen)
        {
            // It goes on for those who have it open, and they may ask for its attributes.
            AddNode(records, attributes, NodeFields.LinkCount | NodeFields.ChangeTime);
        }
        records.AddDead(attributes.Inode);
    }

    /// <summary>Adds that a directory's names are changed, and how many more directories it has, to a change.</summary>
    private void AddDirectory(RecordWriter records, Attributes attributes, int directories)
    {
        attributes.ModificationTime = Now;
        attributes.ChangeTime = attributes.ModificationTime;
        if (attributes.LinkCount >= 2)
        {
            // Sources that do not count say 1.
            attributes.LinkCount = (uint)Math.Max(2, attributes.LinkCount + directories);
        }
        AddNode(records, attributes, NodeFields.LinkCount | NodeFields.ModificationTime | NodeFields.ChangeTime);
    }

    /// <summary>Adds what a name leads to, 0 for nothing, to a change. The directory has a node by now.</summary>
    private void AddName(RecordWriter records, ulong directory, ReadOnlySpan<byte> name, ulong inode, bool isInLower)
    {
        if (inode == 0 && !isInLower)
        {
            records.AddNameGone(directory, name);
            return;
        }
        lock (_gate)
        {
            records.AddName(directory, name, new OverlayName(inode, inode == 0 ? 0 : _state.TakeSequence(), isInLower));
        }
    }

    private Result<Entry> Entry(ulong inode)
    {
        lock (_gate)
        {
            return EntryOf(inode);
        }
    }
}
