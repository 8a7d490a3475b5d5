using Kaleidofs.Paths;

namespace Kaleidofs.Transforms.Overlay;

/// <summary>Attributes and extended attributes.</summary>
public sealed partial class OverlayFileSystem
{
    private const uint CreateOnly = 1;
    private const uint ReplaceOnly = 2;

    /// <summary>As many bytes as a listxattr(2) can return, and as many of values: more are ENOSPC.</summary>
    private const int MaxExtendedAttributes = 64 << 10;

    /// <inheritdoc/>
    public override async ValueTask<Result<CachedAttributes>> SetAttributesAsync(RequestContext context, ulong inode, AttributeChange change)
    {
        if (change.Size is { } size)
        {
            Errno errno = await ResizeAsync(context, inode, size).ConfigureAwait(false);
            if (errno != Errno.None)
            {
                return errno;
            }
        }
        await _names.WaitAsync().ConfigureAwait(false);
        try
        {
            Result<Attributes> found = await GetAsync(context, inode).ConfigureAwait(false);
            if (!found.IsOk)
            {
                return found.Errno;
            }
            Attributes attributes = found.Value;
            NodeFields fields = Change(ref attributes, change);
            if (fields == NodeFields.None)
            {
                return new CachedAttributes(attributes, CacheTime.Forever);
            }
            return await StoreAsync(attributes, fields).ConfigureAwait(false) is var failure and not Errno.None
                ? failure
                : new CachedAttributes(attributes, CacheTime.Forever);
        }
        finally
        {
            _names.Release();
        }
    }

    /// <inheritdoc/>
    public override ValueTask<Result<ReadOnlyMemory<byte>>> GetExtendedAttributeAsync(RequestContext context, ulong inode, ReadOnlyMemory<byte> name)
    {
        lock (_gate)
        {
            if (TryGetOwn(inode, out Dictionary<byte[], byte[]>? own, out Errno errno))
            {
                return errno != Errno.None ? new(errno)
                    : own?.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name.Span, out byte[]? value) == true ? new((ReadOnlyMemory<byte>)value)
                    : new(Errno.ENODATA);
            }
        }
        return Without(Inner.GetExtendedAttributeAsync(context, inode, name), Errno.ENODATA);
    }

    /// <inheritdoc/>
    public override ValueTask<Result<ReadOnlyMemory<byte>>> ListExtendedAttributesAsync(RequestContext context, ulong inode)
    {
        lock (_gate)
        {
            if (TryGetOwn(inode, out Dictionary<byte[], byte[]>? own, out Errno errno))
            {
                return errno != Errno.None ? new(errno) : new((ReadOnlyMemory<byte>)JoinNames(own));
            }
        }
        return Without(Inner.ListExtendedAttributesAsync(context, inode), Errno.None);
    }

    /// <inheritdoc/>
    public override ValueTask<Errno> SetExtendedAttributeAsync(RequestContext context, ulong inode, ReadOnlyMemory<byte> name, ReadOnlyMemory<byte> value, uint flags)
        // Access control lists would have to be obeyed: the kernel is not told that they are here.
        => name.Span.StartsWith("system."u8) ? new(Errno.EOPNOTSUPP)
            : name.Length is 0 or > MaxNameLength ? new(name.IsEmpty ? Errno.EINVAL : Errno.ERANGE)
            : ChangeExtendedAttributeAsync(context, inode, name, value, flags);

    /// <inheritdoc/>
    public override ValueTask<Errno> RemoveExtendedAttributeAsync(RequestContext context, ulong inode, ReadOnlyMemory<byte> name)
        => ChangeExtendedAttributeAsync(context, inode, name, null, ReplaceOnly);

    private async ValueTask<Errno> ResizeAsync(RequestContext context, ulong inode, ulong size)
    {
        Result<Attributes> found = await GetAsync(context, inode).ConfigureAwait(false);
        Errno errno = !found.IsOk ? found.Errno
            : found.Value.IsDirectory ? Errno.EISDIR
            : !found.Value.IsRegularFile ? Errno.EINVAL
            : size > long.MaxValue ? Errno.EFBIG
            : Errno.None;
        if (errno != Errno.None)
        {
            return errno;
        }
        OpenInode open = Hold(inode);
        errno = await SetSizeAsync(context, open, (long)size).ConfigureAwait(false);
        Errno dropped = await DropAsync(open).ConfigureAwait(false);
        return errno == Errno.None ? dropped : errno;
    }

    private static NodeFields Change(ref Attributes attributes, in AttributeChange change)
    {
        NodeFields fields = NodeFields.None;
        Timestamp now = Now;
        if (change.Mode is { } mode)
        {
            attributes.Mode = (attributes.Mode & FileType.Mask) | (mode & ~FileType.Mask);
            fields |= NodeFields.Mode;
        }
        if ((change.UserId ?? change.GroupId) is not null)
        {
            attributes.UserId = change.UserId ?? attributes.UserId;
            attributes.GroupId = change.GroupId ?? attributes.GroupId;
            fields |= NodeFields.Owner;
        }
        if (change.AccessTimeNow || change.AccessTime is not null)
        {
            attributes.AccessTime = change.AccessTimeNow ? now : change.AccessTime!.Value;
            fields |= NodeFields.AccessTime;
        }
        if (change.ModificationTimeNow || change.ModificationTime is not null)
        {
            attributes.ModificationTime = change.ModificationTimeNow ? now : change.ModificationTime!.Value;
            fields |= NodeFields.ModificationTime;
        }
        if (fields != NodeFields.None || change.ChangeTime is not null)
        {
            attributes.ChangeTime = change.ChangeTime ?? now;
            fields |= NodeFields.ChangeTime;
        }
        return fields;
    }

    /// <summary>Keeps new attributes. <see cref="_names"/> is held.</summary>
    private async ValueTask<Errno> StoreAsync(Attributes attributes, NodeFields fields)
    {
        RecordWriter records = new();
        lock (_gate)
        {
            if (_state.IsDead(attributes.Inode))
            {
                // Nobody will ask for it when it is closed: nothing is recorded.
                if (_state.Find(attributes.Inode) is { } orphan)
                {
                    ulong size = orphan.Attributes.Size;
                    orphan.Attributes = attributes;
                    orphan.Attributes.Size = size;
                }
                return Errno.None;
            }
        }
        AddNode(records, attributes, fields);
        lock (_gate)
        {
            if (fields.HasFlag(NodeFields.ModificationTime) && _state.FindNamed(attributes.Inode) is { IsDirty: true })
            {
                // The time that was asked for counts, not the file's own. What is written from here on says so again.
                records.AddContent(attributes.Inode, isHere: true, isDirty: false);
            }
        }
        return await CommitAsync(records).ConfigureAwait(false);
    }

    /// <summary>Whether an inode's extended attributes are the overlay's: then they are these, or none. The gate is held.</summary>
    private bool TryGetOwn(ulong inode, out Dictionary<byte[], byte[]>? own, out Errno errno)
    {
        own = _state.Find(inode)?.ExtendedAttributes;
        errno = _state.IsGone(inode) ? Errno.ESTALE : Errno.None;
        return own is not null || errno != Errno.None || OverlayState.IsUpper(inode);
    }

    private static byte[] JoinNames(Dictionary<byte[], byte[]>? attributes)
        => attributes is null ? [] : [.. attributes.Keys.SelectMany(name => (byte[])[.. name, 0])];

    /// <summary>To a kernel ENOSYS means that there are none at all, here neither.</summary>
    private static async ValueTask<Result<ReadOnlyMemory<byte>>> Without(ValueTask<Result<ReadOnlyMemory<byte>>> lower, Errno errno)
    {
        Result<ReadOnlyMemory<byte>> result = await lower.ConfigureAwait(false);
        return result.Errno != Errno.ENOSYS ? result : errno == Errno.None ? ReadOnlyMemory<byte>.Empty : errno;
    }

    private async ValueTask<Errno> ChangeExtendedAttributeAsync(RequestContext context, ulong inode, ReadOnlyMemory<byte> name, ReadOnlyMemory<byte>? value, uint flags)
    {
        await _names.WaitAsync().ConfigureAwait(false);
        try
        {
            Result<Attributes> found = await GetAsync(context, inode).ConfigureAwait(false);
            if (!found.IsOk)
            {
                return found.Errno;
            }
            Result<Dictionary<byte[], byte[]>> all = await GetAllAsync(context, inode).ConfigureAwait(false);
            if (!all.IsOk)
            {
                return all.Errno;
            }
            byte[] key = name.ToArray();
            bool isThere = all.Value.ContainsKey(key);
            long length = all.Value.Sum(attribute => attribute.Key.Length + 1L + attribute.Value.Length) + key.Length + 1 + (value?.Length ?? 0);
            Errno errno = isThere && (flags & CreateOnly) != 0 ? Errno.EEXIST
                : !isThere && (flags & ReplaceOnly) != 0 ? Errno.ENODATA
                : value is not null && length > MaxExtendedAttributes ? Errno.ENOSPC
                : Errno.None;
            if (errno != Errno.None)
            {
                return errno;
            }
            if (TryChangeUnnamed(inode, all.Value, key, value?.ToArray()))
            {
                return Errno.None;
            }
            Attributes attributes = found.Value;
            attributes.ChangeTime = Now;
            RecordWriter records = new();
            AddNode(records, attributes, NodeFields.ChangeTime);
            AddOwn(records, inode, all.Value);
            if (value is null)
            {
                records.AddExtendedAttributeGone(inode, key);
            }
            else
            {
                records.AddExtendedAttribute(inode, key, value.Value.Span);
            }
            return await CommitAsync(records).ConfigureAwait(false);
        }
        finally
        {
            _names.Release();
        }
    }

    /// <summary>Sets or removes an extended attribute of a file that has no name: in memory alone, where the file is.</summary>
    private bool TryChangeUnnamed(ulong inode, Dictionary<byte[], byte[]> all, byte[] name, byte[]? value)
    {
        lock (_gate)
        {
            if (!_state.IsDead(inode) || _state.Find(inode) is not { } unnamed)
            {
                return false;
            }
            Dictionary<byte[], byte[]> changed = new(all, NameComparer.Instance);
            changed.Remove(name);
            if (value is not null)
            {
                changed.Add(name, value);
            }
            unnamed.ExtendedAttributes = changed;
            unnamed.Attributes.ChangeTime = Now;
            return true;
        }
    }

    private void AddOwn(RecordWriter records, ulong inode, Dictionary<byte[], byte[]> all)
    {
        lock (_gate)
        {
            if (_state.FindNamed(inode)?.ExtendedAttributes is not null)
            {
                return;
            }
        }
        records.AddOwnExtendedAttributes(inode);
        foreach ((byte[] name, byte[] value) in all)
        {
            records.AddExtendedAttribute(inode, name, value);
        }
    }

    /// <summary>All extended attributes of an inode, wherever they are. <see cref="_names"/> is held.</summary>
    private async ValueTask<Result<Dictionary<byte[], byte[]>>> GetAllAsync(RequestContext context, ulong inode)
    {
        lock (_gate)
        {
            if (TryGetOwn(inode, out Dictionary<byte[], byte[]>? own, out Errno errno))
            {
                return errno == Errno.None ? own ?? new(NameComparer.Instance) : errno;
            }
        }
        Dictionary<byte[], byte[]> all = new(NameComparer.Instance);
        Result<ReadOnlyMemory<byte>> names = await Inner.ListExtendedAttributesAsync(context, inode).ConfigureAwait(false);
        if (!names.IsOk)
        {
            return names.Errno == Errno.ENOSYS ? all : names.Errno;
        }
        ReadOnlyMemory<byte> rest = names.Value;
        while (rest.Span.IndexOf((byte)0) is var end and >= 0)
        {
            byte[] name = rest[..end].ToArray();
            rest = rest[(end + 1)..];
            Result<ReadOnlyMemory<byte>> value = await Inner.GetExtendedAttributeAsync(context, inode, name).ConfigureAwait(false);
            if (!value.IsOk)
            {
                return value.Errno;
            }
            all[name] = value.Value.ToArray();
        }
        return all;
    }
}
