using Kaleidofs.Drivers.S3.Client;
using Kaleidofs.Drivers.S3.Keys;
using Kaleidofs.Drivers.S3.Writing;
using Kaleidofs.Paths;

namespace Kaleidofs.Drivers.S3;

/// <summary>Attributes that are changed. They are in an object's metadata, which can only be replaced by copying the object onto itself.</summary>
internal sealed partial class S3FileSystem
{
    /// <inheritdoc/>
    public override async ValueTask<Result<CachedAttributes>> SetAttributesAsync(RequestContext context, ulong inode, AttributeChange change)
    {
        Result<PathNode> given = await GetNodeAsync(context, inode).ConfigureAwait(false);
        if (!given.IsOk)
        {
            return given.Errno;
        }
        PathNode node = given.Value;
        if (GetEarlier(node) is not null)
        {
            return Errno.EROFS;
        }
        await PassAsync(node).ConfigureAwait(false);
        Result<PathNode> fresh = await RefreshAsync(context, node).ConfigureAwait(false);
        if (!fresh.IsOk && !(node.IsGone && FindOpen(inode) is not null))
        {
            return fresh.Errno;
        }
        Errno errno = change.Size is { } size ? await TruncateAsync(context, node, size, change.Handle).ConfigureAwait(false) : Errno.None;
        if (errno == Errno.None && change is { Mode: not null } or { UserId: not null } or { GroupId: not null } or { ModificationTime: not null } or { ModificationTimeNow: true } && !node.IsGone)
        {
            errno = await ChangeMetadataAsync(node, change).ConfigureAwait(false);
        }
        return errno == Errno.None ? GetCachedAttributes(node) : errno;
    }

    /// <inheritdoc/>
    public override ValueTask<Result<FileSystemStatistics>> GetStatisticsAsync(RequestContext context, ulong inode)
    {
        // A bucket has no bounds that could be told; programs that look for room must find some.
        const ulong Blocks = 1UL << 38;
        return new(new FileSystemStatistics
        {
            BlockSize = 4096,
            FragmentSize = 4096,
            NameLength = MaxNameLength,
            Blocks = Blocks,
            FreeBlocks = Blocks,
            AvailableBlocks = Blocks,
            Files = 1UL << 40,
            FreeFiles = 1UL << 40,
        });
    }

    private async ValueTask<Errno> TruncateAsync(RequestContext context, PathNode node, ulong size, ulong? handle)
    {
        if (!node.Attributes.IsRegularFile)
        {
            return node.IsDirectory ? Errno.EISDIR : Errno.EINVAL;
        }
        if (size > long.MaxValue)
        {
            return Errno.EFBIG;
        }
        if (handle is { } number && _handles.TryGetValue(number, out OpenFile? file))
        {
            return await SetSizeAsync(file.Inode, (long)size).ConfigureAwait(false);
        }
        // Nobody will close it: it is sent at once.
        OpenInode open = Enter(node);
        Errno errno = await SetSizeAsync(open, (long)size).ConfigureAwait(false);
        if (errno == Errno.None)
        {
            errno = await SendInTurnAsync(open).ConfigureAwait(false);
        }
        Errno left = await LeaveAsync(open).ConfigureAwait(false);
        return errno == Errno.None ? left : errno;
    }

    private async ValueTask<Errno> ChangeMetadataAsync(PathNode node, AttributeChange change)
    {
        OpenInode? open = FindOpen(node.Inode);
        await WaitAsync(open).ConfigureAwait(false);
        try
        {
            Errno known = open is { IsDirty: true } ? Errno.None : await KnowMetadataAsync(node).ConfigureAwait(false);
            if (known != Errno.None)
            {
                return known;
            }
            Attributes attributes = Apply(node.Attributes, change);
            S3State state = (S3State)node.State!;
            if (open is { IsDirty: true })
            {
                // It goes with the content.
                Update(node, new PathFacts(attributes, state));
                open.HasNewMetadata = true;
                return Errno.None;
            }
            if (node.IsDirectory)
            {
                return await ChangeDirectoryAsync(node, attributes, state).ConfigureAwait(false);
            }
            return await CopyOntoItselfAsync(node, open, attributes, state, head => ObjectMetadata.Write(attributes, head.Metadata)).ConfigureAwait(false);
        }
        finally
        {
            open?.Turn.Release();
        }
    }

    /// <summary>Replaces an object's metadata.</summary>
    private async ValueTask<Errno> CopyOntoItselfAsync(
        PathNode node, OpenInode? open, Attributes attributes, S3State state, Func<ObjectHead, IReadOnlyDictionary<string, string>> change, string? version = null)
    {
        string key = GetKey(node);
        Result<ObjectHead> copied = await _bucket.CopyAsync(key, key, change, MakeUpload, condition: null, Ending, version).ConfigureAwait(false);
        if (!copied.IsOk)
        {
            return copied.Errno;
        }
        if (copied.Value.Size != (long)attributes.Size)
        {
            // Replaced by another meanwhile; what was set, was set to that.
            Expire(node);
            return Errno.None;
        }
        Update(node, new PathFacts(attributes, state with { Version = copied.Value.Version, Metadata = copied.Value.Metadata }));
        if (open is not null)
        {
            open.Base = copied.Value.Version.ETag;
            open.Sent = GetObject(node);
        }
        return Errno.None;
    }

    private async ValueTask<Errno> ChangeDirectoryAsync(PathNode node, Attributes attributes, S3State state)
    {
        if (GetPrefix(node).Length == 0)
        {
            // The bucket itself has nowhere to keep them.
            return Errno.EPERM;
        }
        Dictionary<string, string> metadata = ObjectMetadata.Write(attributes, state.Metadata);
        Result<string> put = await _bucket.PutAsync(GetPrefix(node), () => new MemoryStream(), metadata, condition: null, Ending).ConfigureAwait(false);
        if (put.IsOk)
        {
            Update(node, new PathFacts(attributes, state with { Version = new ObjectVersion(put.Value, ObjectVersion.NotTold), Metadata = metadata }));
        }
        return put.Errno;
    }

    private static Attributes Apply(Attributes attributes, AttributeChange change)
    {
        attributes.Mode = change.Mode is { } mode ? (attributes.Mode & FileType.Mask) | (mode & Permissions) : attributes.Mode;
        attributes.UserId = change.UserId ?? attributes.UserId;
        attributes.GroupId = change.GroupId ?? attributes.GroupId;
        Timestamp now = Timestamp.From(DateTimeOffset.UtcNow);
        attributes.ModificationTime = change.ModificationTimeNow ? now : change.ModificationTime ?? attributes.ModificationTime;
        attributes.ChangeTime = now;
        return attributes;
    }
}
