using Kaleidofs.Drivers.Llm.Worlds;

namespace Kaleidofs.Drivers.Llm;

/// <summary>What users make, rename and remove. It is recorded like what is generated, and the model never touches it.</summary>
internal sealed partial class LlmFileSystem
{
    private const uint PermissionMask = 0b111_111_111_111;

    private static Provenance ByUser => new("", "", DateTimeOffset.UtcNow, default);

    /// <inheritdoc/>
    public override async ValueTask<Result<CreatedFile>> CreateAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name, uint mode, OpenFlags flags)
    {
        Result<Entry> made = await MakeAsync(context, parent, name, FileType.Regular | (mode & PermissionMask), []).ConfigureAwait(false);
        if (made.Errno == Errno.EEXIST && (flags & OpenFlags.Exclusive) == 0)
        {
            made = await LookupAsync(context, parent, name).ConfigureAwait(false);
        }
        if (!made.IsOk)
        {
            return made.Errno;
        }
        Result<OpenedFile> opened = await OpenAsync(context, made.Value.Attributes.Inode, flags & ~(OpenFlags.Create | OpenFlags.Exclusive)).ConfigureAwait(false);
        return opened.IsOk ? new CreatedFile(made.Value, opened.Value) : opened.Errno;
    }

    /// <inheritdoc/>
    public override ValueTask<Result<Entry>> MakeNodeAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name, uint mode, uint deviceId)
        => (mode & FileType.Mask) == FileType.Regular ? MakeAsync(context, parent, name, mode, []) : new(_world.IsFrozen ? Errno.EROFS : Errno.EPERM);

    /// <inheritdoc/>
    public override ValueTask<Result<Entry>> MakeDirectoryAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name, uint mode)
        => MakeAsync(context, parent, name, FileType.Directory | (mode & PermissionMask), []);

    /// <inheritdoc/>
    public override ValueTask<Result<Entry>> MakeSymbolicLinkAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name, ReadOnlyMemory<byte> target)
        => MakeAsync(context, parent, name, FileType.SymbolicLink | 0b111_111_111, target.ToArray());

    /// <inheritdoc/>
    public override ValueTask<Result<Entry>> LinkAsync(RequestContext context, ulong inode, ulong newParent, ReadOnlyMemory<byte> newName)
        => new(_world.IsFrozen ? Errno.EROFS : Errno.EPERM);

    /// <inheritdoc/>
    public override ValueTask<Result<CreatedFile>> CreateUnnamedAsync(RequestContext context, ulong parent, uint mode, OpenFlags flags)
        => new(_world.IsFrozen ? Errno.EROFS : Errno.EOPNOTSUPP);

    /// <inheritdoc/>
    public override async ValueTask<Errno> UnlinkAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name)
    {
        Errno errno = await PrepareAsync(context, parent).ConfigureAwait(false);
        return errno != Errno.None ? errno : await _world.ChangeAsync(records =>
        {
            Result<WorldNode> found = FindChild(parent, name.Span);
            if (!found.IsOk || found.Value.Facts.IsDirectory)
            {
                return found.IsOk ? Errno.EISDIR : found.Errno;
            }
            records.AddGone(found.Value.Inode);
            Touch(records, parent);
            return Errno.None;
        }).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override async ValueTask<Errno> RemoveDirectoryAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name)
    {
        Errno errno = await PrepareAsync(context, parent).ConfigureAwait(false);
        errno = errno == Errno.None ? await ListTargetAsync(context, parent, name).ConfigureAwait(false) : errno;
        return errno != Errno.None ? errno : await _world.ChangeAsync(records =>
        {
            Result<WorldNode> found = FindChild(parent, name.Span);
            if (!found.IsOk || !found.Value.Facts.IsDirectory)
            {
                return found.IsOk ? Errno.ENOTDIR : found.Errno;
            }
            if (found.Value.ChildCount > 0)
            {
                return Errno.ENOTEMPTY;
            }
            records.AddGone(found.Value.Inode);
            Touch(records, parent);
            return Errno.None;
        }).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override async ValueTask<Errno> RenameAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name, ulong newParent, ReadOnlyMemory<byte> newName, RenameOptions options)
    {
        if ((options & ~(RenameOptions.NoReplace | RenameOptions.Exchange)) != 0)
        {
            return Errno.EINVAL;
        }
        Errno errno = await PrepareAsync(context, parent).ConfigureAwait(false);
        errno = errno == Errno.None ? await PrepareAsync(context, newParent).ConfigureAwait(false) : errno;
        if (errno == Errno.None && options == RenameOptions.None)
        {
            // A directory can be replaced only if it is empty, which its listing says. One that is not there is no failure.
            errno = await ListTargetAsync(context, newParent, newName).ConfigureAwait(false);
            errno = errno == Errno.ENOENT ? Errno.None : errno;
        }
        return errno != Errno.None ? errno : await _world.ChangeAsync(records => Rename(records, parent, name.Span, newParent, newName.Span, options)).ConfigureAwait(false);
    }

    private Errno Rename(RecordWriter records, ulong parent, ReadOnlySpan<byte> name, ulong newParent, ReadOnlySpan<byte> newName, RenameOptions options)
    {
        Result<WorldNode> found = FindChild(parent, name);
        if (!found.IsOk)
        {
            return found.Errno;
        }
        WorldNode moved = found.Value;
        Result<WorldNode> there = FindChild(newParent, newName);
        WorldNode? replaced = there.IsOk ? there.Value : null;
        if (!_world.TryGet(newParent, out WorldNode? target) || target.IsGone)
        {
            return Errno.ENOENT;
        }
        if (IsWithin(newParent, moved) || (options == RenameOptions.Exchange && replaced is not null && IsWithin(parent, replaced)))
        {
            return Errno.EINVAL;
        }
        if (options == RenameOptions.Exchange)
        {
            if (replaced is null)
            {
                return Errno.ENOENT;
            }
            records.AddNode(Moved(replaced, parent, name, 0));
        }
        else if (replaced == moved)
        {
            return options == RenameOptions.NoReplace ? Errno.EEXIST : Errno.None;
        }
        else if (replaced is not null)
        {
            Errno refused = options == RenameOptions.NoReplace ? Errno.EEXIST
                : replaced.Facts.IsDirectory && !moved.Facts.IsDirectory ? Errno.EISDIR
                : !replaced.Facts.IsDirectory && moved.Facts.IsDirectory ? Errno.ENOTDIR
                : replaced.ChildCount > 0 ? Errno.ENOTEMPTY
                : Errno.None;
            if (refused != Errno.None)
            {
                return refused;
            }
            records.AddGone(replaced.Inode);
        }
        records.AddNode(Moved(moved, newParent, newName, 1));
        Touch(records, parent);
        if (newParent != parent)
        {
            Touch(records, newParent);
        }
        return Errno.None;
    }

    private NodeFacts Moved(WorldNode node, ulong parent, ReadOnlySpan<byte> name, ulong index) => node.Facts with
    {
        Parent = parent,
        Name = name.ToArray(),
        // A new position, so that a listing under way cannot show it twice under one name.
        Sequence = _world.NextSequence + index,
        ModificationTime = GetModificationTime(node),
        ChangeTime = Now,
    };

    private async ValueTask<Result<Entry>> MakeAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name, uint mode, byte[] target)
    {
        Errno errno = await PrepareAsync(context, parent).ConfigureAwait(false);
        if (errno != Errno.None)
        {
            return errno;
        }
        ulong inode = 0;
        ulong data = (mode & FileType.Mask) == FileType.Regular ? _world.TakeData() : 0;
        errno = await _world.ChangeAsync(records =>
        {
            Result<WorldNode> found = FindChild(parent, name.Span);
            if (found.Errno != Errno.ENOENT || !_world.TryGet(parent, out WorldNode? above) || above.IsGone)
            {
                return found.IsOk ? Errno.EEXIST : found.Errno;
            }
            inode = _world.NextInode;
            Timestamp now = Now;
            NodeFacts facts = new()
            {
                Inode = inode,
                Parent = parent,
                Sequence = _world.NextSequence,
                Name = name.ToArray(),
                Mode = mode,
                UserId = Owner(context.UserId),
                GroupId = Owner(context.GroupId),
                ModificationTime = now,
                ChangeTime = now,
                Origin = Origin.User,
                Target = target,
            };
            records.AddNode(facts);
            if (facts.IsDirectory)
            {
                records.AddListed(inode, "", ByUser);
            }
            else if (data != 0)
            {
                records.AddWritten(inode, data);
            }
            Touch(records, parent);
            return Errno.None;
        }).ConfigureAwait(false);
        if (errno != Errno.None || !_world.TryGet(inode, out WorldNode? made))
        {
            return errno == Errno.None ? Errno.EIO : errno;
        }
        if (data != 0)
        {
            // Its file is there from now on, and may have a say in its time.
            Hold(made);
            errno = await OpenDataAsync(made).ConfigureAwait(false);
            if (errno == Errno.None)
            {
                Measure(made);
            }
            Unhold(made);
        }
        lock (_world.Gate)
        {
            return errno == Errno.None ? EntryOf(made) : errno;
        }

        // Not told under idmapped mounts.
        static uint Owner(uint id) => id == uint.MaxValue ? 0 : id;
    }

    /// <summary>What changes a directory needs its names first.</summary>
    private async ValueTask<Errno> PrepareAsync(RequestContext context, ulong inode)
        => _world.IsFrozen ? Errno.EROFS
            : !_world.TryGet(inode, out WorldNode? directory) ? Errno.ESTALE
            : !directory.Facts.IsDirectory ? Errno.ENOTDIR
            : await _generator.EnsureListedAsync(directory, context.CancellationToken).ConfigureAwait(false);

    private async ValueTask<Errno> ListTargetAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name)
    {
        Result<WorldNode> found;
        lock (_world.Gate)
        {
            found = FindChild(parent, name.Span);
        }
        return !found.IsOk ? found.Errno
            : found.Value.Facts.IsDirectory ? await _generator.EnsureListedAsync(found.Value, context.CancellationToken).ConfigureAwait(false)
            : Errno.None;
    }

    /// <summary>An entry of a directory. The world's lock is held.</summary>
    private Result<WorldNode> FindChild(ulong parent, ReadOnlySpan<byte> name)
        => !_world.TryGet(parent, out WorldNode? directory) || directory.IsGone ? Errno.ENOENT
            : !directory.Facts.IsDirectory ? Errno.ENOTDIR
            : directory.Find(name) is { } child ? child
            : Errno.ENOENT;

    private bool IsWithin(ulong inode, WorldNode directory)
    {
        for (WorldNode? node = _world.TryGet(inode, out WorldNode? found) ? found : null; node is not null; node = node.Parent)
        {
            if (node == directory)
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>A directory whose names change has a new time.</summary>
    private void Touch(RecordWriter records, ulong directory)
    {
        if (_world.TryGet(directory, out WorldNode? node))
        {
            Timestamp now = Now;
            records.AddNode(node.Facts with { ModificationTime = now, ChangeTime = now });
        }
    }

    private static Timestamp Now => Timestamp.From(DateTimeOffset.UtcNow);
}
