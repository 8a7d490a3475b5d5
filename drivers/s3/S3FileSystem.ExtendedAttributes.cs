using System.Text;
using Kaleidofs.Drivers.S3.Client;
using Kaleidofs.Drivers.S3.Keys;
using Kaleidofs.Drivers.S3.Writing;
using Kaleidofs.Paths;

namespace Kaleidofs.Drivers.S3;

/// <summary>Extended attributes. They are in an object's metadata, as its owner and mode are.</summary>
internal sealed partial class S3FileSystem
{
    private const uint CreateOnly = 1;
    private const uint ReplaceOnly = 2;

    private static readonly Dictionary<string, string> NoMetadata = [];

    /// <inheritdoc/>
    public override ValueTask<Result<ReadOnlyMemory<byte>>> GetExtendedAttributeAsync(RequestContext context, ulong inode, ReadOnlyMemory<byte> name)
    {
        // Kernels ask for those of other namespaces again and again.
        return !_hasExtendedAttributes ? new(Errno.ENOSYS) : ExtendedAttributes.TryGetName(name.Span, out string text) ? FindAsync() : new(Errno.ENODATA);

        async ValueTask<Result<ReadOnlyMemory<byte>>> FindAsync()
        {
            Result<SortedDictionary<string, byte[]>> all = await ReadExtendedAttributesAsync(context, inode).ConfigureAwait(false);
            return !all.IsOk ? all.Errno : all.Value.TryGetValue(text, out byte[]? value) ? new ReadOnlyMemory<byte>(value) : Errno.ENODATA;
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<Result<ReadOnlyMemory<byte>>> ListExtendedAttributesAsync(RequestContext context, ulong inode)
    {
        if (!_hasExtendedAttributes)
        {
            return Errno.ENOSYS;
        }
        Result<SortedDictionary<string, byte[]>> all = await ReadExtendedAttributesAsync(context, inode).ConfigureAwait(false);
        return all.IsOk
            ? new ReadOnlyMemory<byte>(Encoding.UTF8.GetBytes(string.Concat(all.Value.Keys.Where(name => !name.Contains('\0', StringComparison.Ordinal)).Select(name => name + "\0"))))
            : all.Errno;
    }

    /// <inheritdoc/>
    public override ValueTask<Errno> SetExtendedAttributeAsync(RequestContext context, ulong inode, ReadOnlyMemory<byte> name, ReadOnlyMemory<byte> value, uint flags)
        => ChangeExtendedAttributeAsync(context, inode, name, value.ToArray(), flags);

    /// <inheritdoc/>
    public override ValueTask<Errno> RemoveExtendedAttributeAsync(RequestContext context, ulong inode, ReadOnlyMemory<byte> name)
        => ChangeExtendedAttributeAsync(context, inode, name, null, ReplaceOnly);

    private async ValueTask<Result<SortedDictionary<string, byte[]>>> ReadExtendedAttributesAsync(RequestContext context, ulong inode)
    {
        Result<PathNode> given = await FindForAttributesAsync(context, inode).ConfigureAwait(false);
        if (!given.IsOk)
        {
            return given.Errno;
        }
        Errno errno = await KnowMetadataAsync(given.Value).ConfigureAwait(false);
        if (errno != Errno.None)
        {
            return errno;
        }
        ExtendedAttributes.TryRead(((S3State)given.Value.State!).Metadata ?? NoMetadata, out SortedDictionary<string, byte[]> attributes);
        return attributes;
    }

    private async ValueTask<Errno> ChangeExtendedAttributeAsync(RequestContext context, ulong inode, ReadOnlyMemory<byte> name, byte[]? value, uint flags)
    {
        if (!_hasExtendedAttributes || !ExtendedAttributes.TryGetName(name.Span, out string text))
        {
            return Errno.EOPNOTSUPP;
        }
        if (value?.Length > ExtendedAttributes.MaxMetadata)
        {
            return Errno.E2BIG;
        }
        Result<PathNode> given = await FindForAttributesAsync(context, inode).ConfigureAwait(false);
        if (!given.IsOk)
        {
            return given.Errno;
        }
        PathNode node = given.Value;
        if (GetEarlier(node) is not null)
        {
            return Errno.EROFS;
        }
        OpenInode? open = FindOpen(inode);
        await WaitAsync(open).ConfigureAwait(false);
        try
        {
            // Another client's changes of metadata alone cannot be told by the entity tag: what there is now, is asked.
            Errno errno = await KnowMetadataAsync(node, isAskedAnew: open is not { IsDirty: true }).ConfigureAwait(false);
            S3State state = (S3State)node.State!;
            IReadOnlyDictionary<string, string> metadata = state.Metadata ?? NoMetadata;
            if (errno == Errno.None)
            {
                errno = Change(ref metadata, text, value, flags);
            }
            if (errno != Errno.None)
            {
                return errno;
            }
            Attributes attributes = node.Attributes;
            attributes.ChangeTime = Timestamp.From(DateTimeOffset.UtcNow);
            state = state with { Metadata = metadata };
            if (open is { IsDirty: true })
            {
                Update(node, new PathFacts(attributes, state));
                open.HasNewMetadata = true;
                return Errno.None;
            }
            return node.IsDirectory
                ? await ChangeDirectoryAsync(node, attributes, state).ConfigureAwait(false)
                : await CopyOntoItselfAsync(node, open, attributes, state, _ => metadata, state.Version.ETag).ConfigureAwait(false);
        }
        finally
        {
            open?.Turn.Release();
        }
    }

    private static Errno Change(ref IReadOnlyDictionary<string, string> metadata, string name, byte[]? value, uint flags)
    {
        if (!ExtendedAttributes.TryRead(metadata, out SortedDictionary<string, byte[]> attributes))
        {
            // Not what is understood here, and not to be lost.
            return Errno.EIO;
        }
        bool isThere = attributes.ContainsKey(name);
        if (isThere ? (flags & CreateOnly) != 0 : (flags & ReplaceOnly) != 0)
        {
            return isThere ? Errno.EEXIST : Errno.ENODATA;
        }
        if (value is null)
        {
            attributes.Remove(name);
        }
        else
        {
            attributes[name] = value;
        }
        Dictionary<string, string> changed = ExtendedAttributes.Write(metadata, attributes);
        if (value is not null && !ExtendedAttributes.Fits(changed))
        {
            return Errno.ENOSPC;
        }
        metadata = changed;
        return Errno.None;
    }

    private async ValueTask<Result<PathNode>> FindForAttributesAsync(RequestContext context, ulong inode)
    {
        Result<PathNode> given = await GetNodeAsync(context, inode).ConfigureAwait(false);
        if (!given.IsOk)
        {
            return given.Errno;
        }
        await PassAsync(given.Value).ConfigureAwait(false);
        Result<PathNode> fresh = await RefreshAsync(context, given.Value).ConfigureAwait(false);
        return fresh.IsOk || (given.Value.IsGone && FindOpen(inode) is not null) ? given.Value : fresh.Errno;
    }

    /// <summary>Asks for metadata of what only a listing has told of so far: who writes it anew must have all of it.</summary>
    private async ValueTask<Errno> KnowMetadataAsync(PathNode node, bool isAskedAnew = false)
    {
        S3State state = (S3State)node.State!;
        bool isDirectory = node.IsDirectory;
        if (isDirectory && state.Earlier is not null)
        {
            return Errno.None;
        }
        string key = isDirectory ? GetPrefix(node) : GetKey(node);
        if ((state.Metadata is not null && !isAskedAnew) || node.IsGone || key.Length == 0 || (!isDirectory && state.Version == default))
        {
            return Errno.None;
        }
        Result<ObjectHead?> head = await HeadIfThereAsync(key, Ending, state.Earlier is null ? null : state.Version.Id).ConfigureAwait(false);
        if (!head.IsOk)
        {
            return head.Errno;
        }
        if (isDirectory)
        {
            Update(node, head.Value is { } marker ? ObjectFacts.OfDirectory(marker, _opened, state.Component) : new PathFacts(node.Attributes, state with { Metadata = NoMetadata }));
            return Errno.None;
        }
        if (head.Value is not { } found || found.Version.ETag != state.Version.ETag)
        {
            Expire(node);
            return Errno.ESTALE;
        }
        PathFacts facts = ObjectFacts.OfFile(found, state.Component);
        Attributes attributes = facts.Attributes;
        attributes.Mode = (node.Attributes.Mode & FileType.Mask) | (attributes.Mode & ~FileType.Mask);
        Update(node, new PathFacts(attributes, (S3State)facts.State! with { IsCachedByKernel = state.IsCachedByKernel, Earlier = state.Earlier }));
        return Errno.None;
    }
}
