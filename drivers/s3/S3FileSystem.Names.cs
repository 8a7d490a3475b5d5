using System.Text;
using Kaleidofs.Drivers.S3.Client;
using Kaleidofs.Drivers.S3.Keys;
using Kaleidofs.Drivers.S3.Writing;
using Kaleidofs.Paths;

namespace Kaleidofs.Drivers.S3;

/// <summary>Names that are made and removed.</summary>
internal sealed partial class S3FileSystem
{
    private const uint Permissions = 0xFFF;

    /// <inheritdoc/>
    public override async ValueTask<Result<CreatedFile>> CreateAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name, uint mode, OpenFlags flags)
    {
        byte[] copy = name.ToArray();
        Result<PathNode?> found = await FindForChangeAsync(context, parent, copy).ConfigureAwait(false);
        if (!found.IsOk)
        {
            return found.Errno;
        }
        if (found.Value is { } there)
        {
            if ((flags & OpenFlags.Exclusive) != 0)
            {
                return Errno.EEXIST;
            }
            Result<OpenedFile> opened = await OpenAsync(context, there.Inode, flags).ConfigureAwait(false);
            return opened.IsOk ? new CreatedFile(GetEntry(there), opened.Value) : opened.Errno;
        }
        Result<PathNode> directory = GetDirectory(parent);
        Errno errno = directory.IsOk ? CheckNewName(directory.Value, copy, "", out _) : directory.Errno;
        if (errno != Errno.None)
        {
            return errno;
        }
        PathNode node = Put(directory.Value, copy, new PathFacts(NewAttributes(context, FileType.Regular | (mode & Permissions)), new S3State()), isNew: true);
        OpenInode open = Enter(node);
        open.Sequential = 0;
        Touch(open);
        // The file is the server's with its first fsync or close.
        return new CreatedFile(GetEntry(node), new OpenedFile(AddHandle(open, flags | OpenFlags.WriteOnly)));
    }

    /// <inheritdoc/>
    public override async ValueTask<Result<Entry>> MakeNodeAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name, uint mode, uint deviceId)
    {
        if ((mode & FileType.Mask) is not (FileType.Regular or 0))
        {
            return Errno.EPERM;
        }
        Result<CreatedFile> created = await CreateAsync(context, parent, name, mode, OpenFlags.WriteOnly | OpenFlags.Exclusive).ConfigureAwait(false);
        if (!created.IsOk)
        {
            return created.Errno;
        }
        Entry entry = created.Value.Entry;
        Errno errno = await FlushAsync(context, entry.Attributes.Inode, created.Value.File.Handle).ConfigureAwait(false);
        await ReleaseAsync(context, entry.Attributes.Inode, created.Value.File.Handle).ConfigureAwait(false);
        return errno == Errno.None ? entry : errno;
    }

    /// <inheritdoc/>
    public override async ValueTask<Result<Entry>> MakeDirectoryAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name, uint mode)
    {
        byte[] copy = name.ToArray();
        Attributes attributes = NewAttributes(context, FileType.Directory | (mode & Permissions));
        return await MakeAsync(context, parent, copy, attributes, "/", []).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override async ValueTask<Result<Entry>> MakeSymbolicLinkAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name, ReadOnlyMemory<byte> target)
    {
        byte[] content = target.ToArray();
        if (!ObjectFacts.CanBeLink(content.Length))
        {
            return content.Length == 0 ? Errno.ENOENT : Errno.ENAMETOOLONG;
        }
        Attributes attributes = NewAttributes(context, FileType.SymbolicLink | 0x1FF);
        attributes.Size = (ulong)content.Length;
        return await MakeAsync(context, parent, name.ToArray(), attributes, ObjectFacts.LinkSuffix, content).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override ValueTask<Result<Entry>> LinkAsync(RequestContext context, ulong inode, ulong newParent, ReadOnlyMemory<byte> newName) => new(Errno.EPERM);

    /// <inheritdoc/>
    public override ValueTask<Result<CreatedFile>> CreateUnnamedAsync(RequestContext context, ulong parent, uint mode, OpenFlags flags) => new(Errno.EOPNOTSUPP);

    /// <inheritdoc/>
    public override async ValueTask<Errno> UnlinkAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name)
    {
        byte[] copy = name.ToArray();
        Result<PathNode?> found = await FindForChangeAsync(context, parent, copy).ConfigureAwait(false);
        if (!found.IsOk || found.Value is not { } node)
        {
            return found.IsOk ? Errno.ENOENT : found.Errno;
        }
        if (node.IsDirectory)
        {
            return Errno.EISDIR;
        }
        OpenInode? open = FindOpen(node.Inode);
        await WaitAsync(open).ConfigureAwait(false);
        try
        {
            // What was never sent is not there.
            Errno errno = open is { IsDirty: true, Base: null } ? Errno.None : await _bucket.DeleteAsync(GetKey(node), Ending).ConfigureAwait(false);
            if (errno != Errno.None)
            {
                return errno;
            }
            await UnlinkAsync(open).ConfigureAwait(false);
            Remove(node.Parent!, copy);
            return await KeepDirectoryAsync(node.Parent!).ConfigureAwait(false);
        }
        finally
        {
            open?.Turn.Release();
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<Errno> RemoveDirectoryAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name)
    {
        byte[] copy = name.ToArray();
        Result<PathNode?> found = await FindForChangeAsync(context, parent, copy).ConfigureAwait(false);
        if (!found.IsOk || found.Value is not { } node)
        {
            return found.IsOk ? Errno.ENOENT : found.Errno;
        }
        if (!node.IsDirectory)
        {
            return Errno.ENOTDIR;
        }
        Errno errno = await CheckEmptyAsync(node).ConfigureAwait(false);
        if (errno == Errno.None)
        {
            errno = await _bucket.DeleteAsync(GetPrefix(node), Ending).ConfigureAwait(false);
        }
        if (errno != Errno.None)
        {
            return errno;
        }
        Remove(node.Parent!, copy);
        return await KeepDirectoryAsync(node.Parent!).ConfigureAwait(false);
    }

    private async ValueTask<Result<Entry>> MakeAsync(RequestContext context, ulong parent, byte[] name, Attributes attributes, string suffix, byte[] content)
    {
        Result<PathNode?> found = await FindForChangeAsync(context, parent, name).ConfigureAwait(false);
        Result<PathNode> directory = GetDirectory(parent);
        if (!found.IsOk || !directory.IsOk)
        {
            return !found.IsOk ? found.Errno : directory.Errno;
        }
        if (found.Value is not null)
        {
            return Errno.EEXIST;
        }
        Errno errno = CheckNewName(directory.Value, name, suffix, out string key);
        if (errno != Errno.None)
        {
            return errno;
        }
        Dictionary<string, string> metadata = ObjectMetadata.Write(attributes);
        Result<string> put = await _bucket.PutAsync(key, () => new MemoryStream(content), metadata, new Precondition(null), Ending).ConfigureAwait(false);
        if (!put.IsOk)
        {
            return put.Errno == Errno.ESTALE ? Errno.EEXIST : put.Errno;
        }
        S3State state = new() { Version = new ObjectVersion(put.Value, ObjectVersion.NotTold), Metadata = metadata };
        PathNode made = Put(directory.Value, name, new PathFacts(attributes, state), isNew: true);
        if (made.IsDirectory)
        {
            SetEmpty(made);
        }
        return GetEntry(made);
    }

    /// <summary>What has a name that is to be changed; null if nothing does.</summary>
    private async ValueTask<Result<PathNode?>> FindForChangeAsync(RequestContext context, ulong parent, byte[] name)
    {
        Result<PathNode> given = await GetNodeAsync(context, parent).ConfigureAwait(false);
        Result<PathNode> directory = given.IsOk ? GetDirectory(parent) : given.Errno;
        if (!directory.IsOk)
        {
            return directory.Errno;
        }
        if (GetEarlier(directory.Value) is not null || IsVersionsName(directory.Value, name))
        {
            return Errno.EROFS;
        }
        await PassAsync(directory.Value).ConfigureAwait(false);
        Result<PathNode> found = await ResolveAsync(context, directory.Value, name).ConfigureAwait(false);
        return found.IsOk ? new Result<PathNode?>(found.Value) : found.Errno == Errno.ENOENT ? new Result<PathNode?>((PathNode?)null) : found.Errno;
    }

    private Result<PathNode> GetDirectory(ulong inode)
        => !TryGetNode(inode, out PathNode? node) ? Errno.ESTALE : !node.IsDirectory ? Errno.ENOTDIR : node.IsGone ? Errno.ENOENT : node;

    /// <summary>Whether a name can be one of a new key's, and which.</summary>
    private Errno CheckNewName(PathNode directory, byte[] name, string suffix, out string key)
    {
        key = "";
        // New keys are plain ones: none that needs a name of another form, and no file that would be taken for a link.
        if (!KeyName.TryDecode(name, out DecodedName decoded) || !Encoding.UTF8.GetBytes(decoded.Component).AsSpan().SequenceEqual(name)
            || (suffix.Length == 0 && ObjectFacts.TryGetLinkName(decoded.Component, out _)))
        {
            return Errno.EINVAL;
        }
        key = GetPrefix(directory) + decoded.Component + suffix;
        return KeyText.IsShortEnough(key) ? Errno.None : Errno.ENAMETOOLONG;
    }

    /// <summary>Whether a directory has nothing in it, here and at the server.</summary>
    private async ValueTask<Errno> CheckEmptyAsync(PathNode directory)
    {
        if (HasHeldNames(directory))
        {
            return Errno.ENOTEMPTY;
        }
        string prefix = GetPrefix(directory);
        Result<ListedPage> page = await _bucket.ListAsync(prefix, isFlat: true, continuation: null, after: null, count: 2, Ending).ConfigureAwait(false);
        return !page.IsOk ? page.Errno
            : page.Value.Objects.Any(found => found.Key != prefix || found.Size > 0) ? Errno.ENOTEMPTY
            : Errno.None;
    }

    /// <summary>A directory is there as long as keys begin with its name: when the last one goes, a marker stays.</summary>
    private async ValueTask<Errno> KeepDirectoryAsync(PathNode directory)
    {
        if (directory == Root || directory.IsGone || HasFreshNames(directory))
        {
            return Errno.None;
        }
        string prefix = GetPrefix(directory);
        Result<bool> hasKeys = await HasKeysAsync(prefix, Ending).ConfigureAwait(false);
        if (!hasKeys.IsOk || hasKeys.Value)
        {
            return Errno.None;
        }
        Result<string> put = await _bucket.PutAsync(prefix, () => new MemoryStream(), GetMetadata(directory), condition: null, Ending).ConfigureAwait(false);
        return put.Errno;
    }

    /// <summary>An open file's name is gone: what is written is nobody's, but for those who have it open.</summary>
    private async ValueTask UnlinkAsync(OpenInode? open)
    {
        if (open is { IsUnlinked: false })
        {
            open.IsUnlinked = true;
            Hold(open.Node);
            await RestartAsync(open).ConfigureAwait(false);
        }
    }

    private MultipartUpload MakeUpload(string key, IReadOnlyDictionary<string, string> metadata) => new(_bucket, _journal, key, metadata, Ending);

    private static Task WaitAsync(OpenInode? open) => open?.Turn.WaitAsync() ?? Task.CompletedTask;

    private static string GetLast(string key, string suffix) => key[(key.LastIndexOf('/') + 1)..^suffix.Length];

    /// <summary>Of requests without ids, the mount's own are.</summary>
    private static Attributes NewAttributes(RequestContext context, uint mode)
    {
        Timestamp now = Timestamp.From(DateTimeOffset.UtcNow);
        return new Attributes
        {
            Mode = mode,
            LinkCount = 1,
            UserId = context.UserId == uint.MaxValue ? 0 : context.UserId,
            GroupId = context.GroupId == uint.MaxValue ? 0 : context.GroupId,
            AccessTime = now,
            ModificationTime = now,
            ChangeTime = now,
            BlockSize = 1 << 16,
        };
    }
}
