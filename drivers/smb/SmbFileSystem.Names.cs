using System.Buffers.Binary;
using System.Text;
using Kaleidofs.Drivers.Smb.Client;
using Kaleidofs.Drivers.Smb.Client.Wire;
using Kaleidofs.Paths;

namespace Kaleidofs.Drivers.Smb;

/// <summary>Names that are made, removed and changed.</summary>
internal sealed partial class SmbFileSystem
{
    private const byte RenameInformation = 10;
    private const byte DispositionInformation = 13;

    /// <summary>What an open file is called once it is removed, until its last handle is closed: SMB keeps the name so long.</summary>
    private const string HiddenPrefix = ".kaleidofs-removed-";

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
        Result<(PathNode Directory, string Path)> place = await GetPlaceAsync(context, parent, copy).ConfigureAwait(false);
        if (!place.IsOk)
        {
            return place.Errno;
        }
        AccessMask access = GetAccess(flags) | AccessMask.WriteData | AccessMask.WriteAttributes;
        CreateParameters parameters = new(access, CreateDisposition.Create, CreateOptions.NonDirectory, (mode & SmbFacts.WritePermissions) == 0 ? SmbFileAttributes.ReadOnly : SmbFileAttributes.Normal);
        long heard = Heard;
        (SmbShare Share, CreateAnswer Answer) made = (null!, default);
        NtStatus status = await _client.RunAsync(
            async (share, isRetry) =>
            {
                // The connection may have broken after it was made.
                CreateParameters now = isRetry && (flags & OpenFlags.Exclusive) == 0 ? parameters with { Disposition = CreateDisposition.OpenOrCreate } : parameters;
                SmbResult<CreateAnswer> created = await share.CreateAsync(place.Value.Path, now).ConfigureAwait(false);
                made = (share, created.Value);
                return created.Status;
            }).ConfigureAwait(false);
        if (status == NtStatus.ObjectNameCollision && (flags & OpenFlags.Exclusive) == 0)
        {
            return await OpenMadeByOthersAsync(context, place.Value.Directory, copy, flags).ConfigureAwait(false);
        }
        if (status != NtStatus.Success)
        {
            return status.ToErrno();
        }
        PathNode node = Put(place.Value.Directory, copy, SmbFacts.From(made.Answer.Facts), isNew: true);
        AddFile(node, access, made.Share, made.Answer, out ulong handle);
        Recheck(heard, place.Value.Directory, copy, isOther: true);
        return new CreatedFile(GetEntry(node), new OpenedFile(handle, OpenOptions.NoFlush));
    }

    /// <summary>Opens what another has made since the name was looked for. A name that differs by case alone stays in the way.</summary>
    private async Task<Result<CreatedFile>> OpenMadeByOthersAsync(RequestContext context, PathNode directory, byte[] name, OpenFlags flags)
    {
        long heard = Heard;
        Result<PathFacts> found = await FindAsync(directory, name, context.CancellationToken).ConfigureAwait(false);
        if (!found.IsOk)
        {
            return found.Errno == Errno.ENOENT ? Errno.EEXIST : found.Errno;
        }
        PathNode node = Put(directory, name, found.Value, isNew: false);
        Recheck(heard, directory, name, isOther: true);
        Result<OpenedFile> opened = await OpenAsync(context, node.Inode, flags).ConfigureAwait(false);
        return opened.IsOk ? new CreatedFile(GetEntry(node), opened.Value) : opened.Errno;
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
        await ReleaseAsync(context, entry.Attributes.Inode, created.Value.File.Handle).ConfigureAwait(false);
        return entry;
    }

    /// <inheritdoc/>
    public override async ValueTask<Result<Entry>> MakeDirectoryAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name, uint mode)
    {
        byte[] copy = name.ToArray();
        Result<PathNode?> found = await FindForChangeAsync(context, parent, copy).ConfigureAwait(false);
        Result<(PathNode Directory, string Path)> place = await GetPlaceAsync(context, parent, copy).ConfigureAwait(false);
        if (!found.IsOk || !place.IsOk || found.Value is not null)
        {
            return !found.IsOk ? found.Errno : !place.IsOk ? place.Errno : Errno.EEXIST;
        }
        CreateParameters parameters = new(AccessMask.ReadAttributes, CreateDisposition.Create, CreateOptions.Directory, SmbFileAttributes.Directory);
        long heard = Heard;
        SmbResult<CreateAnswer> made = await _client.RunAsync(
            (share, isRetry) => share.TouchAsync(place.Value.Path, isRetry ? parameters with { Disposition = CreateDisposition.OpenOrCreate } : parameters)).ConfigureAwait(false);
        if (!made.IsOk)
        {
            return made.Status.ToErrno();
        }
        PathNode node = Put(place.Value.Directory, copy, SmbFacts.From(made.Value.Facts), isNew: true);
        Recheck(heard, place.Value.Directory, copy, isOther: true);
        return GetEntry(node);
    }

    /// <inheritdoc/>
    public override ValueTask<Result<Entry>> MakeSymbolicLinkAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name, ReadOnlyMemory<byte> target) => new(Errno.EPERM);

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
        long heard = Heard;
        NtStatus status = await RemoveFileAsync(node).ConfigureAwait(false);
        if (status is NtStatus.Success or NtStatus.ObjectNameNotFound)
        {
            Remove(node.Parent!, copy);
            Recheck(heard, node.Parent, copy, isOther: true);
        }
        return status.ToErrno();
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
        long heard = Heard;
        NtStatus status = await RemoveDirectoryAsync(node).ConfigureAwait(false);
        if (status == NtStatus.Success)
        {
            Remove(node.Parent!, copy);
            Recheck(heard, node.Parent, copy, isOther: true);
        }
        return status.ToErrno();
    }

    /// <inheritdoc/>
    public override async ValueTask<Errno> RenameAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name, ulong newParent, ReadOnlyMemory<byte> newName, RenameOptions options)
    {
        if ((options & ~RenameOptions.NoReplace) != 0)
        {
            return Errno.EINVAL;
        }
        (byte[] from, byte[] to) = (name.ToArray(), newName.ToArray());
        Result<PathNode?> source = await FindForChangeAsync(context, parent, from).ConfigureAwait(false);
        Result<PathNode?> target = await FindForChangeAsync(context, newParent, to).ConfigureAwait(false);
        Result<(PathNode Directory, string Path)> place = await GetPlaceAsync(context, newParent, to).ConfigureAwait(false);
        if (!source.IsOk || !target.IsOk || !place.IsOk)
        {
            return !source.IsOk ? source.Errno : !target.IsOk ? target.Errno : place.Errno;
        }
        if (source.Value is not { } node)
        {
            return Errno.ENOENT;
        }
        if (target.Value == node)
        {
            return Errno.None;
        }
        for (PathNode? above = place.Value.Directory; above is not null; above = above.Parent)
        {
            if (above == node)
            {
                return Errno.EINVAL;
            }
        }
        (OpenInode Open, string Path)? hidden = null;
        if (target.Value is { } replaced)
        {
            if ((options & RenameOptions.NoReplace) != 0)
            {
                return Errno.EEXIST;
            }
            if (node.IsDirectory != replaced.IsDirectory)
            {
                return replaced.IsDirectory ? Errno.EISDIR : Errno.ENOTDIR;
            }
            // The server replaces neither directories nor what is open: these go first.
            NtStatus gone = NtStatus.Success;
            if (replaced.IsDirectory)
            {
                gone = await RemoveDirectoryAsync(replaced).ConfigureAwait(false);
            }
            else if (FindOpen(replaced.Inode) is { } open)
            {
                hidden = (open, place.Value.Path);
                gone = await HideAsync(open, place.Value.Path).ConfigureAwait(false);
            }
            if (gone != NtStatus.Success)
            {
                return gone.ToErrno();
            }
        }
        long heard = Heard;
        PathNode? before = node.Parent;
        NtStatus status = await RenameOnServerAsync(GetPath(node), place.Value.Path, GetFileNumber(node), replaces: (options & RenameOptions.NoReplace) == 0).ConfigureAwait(false);
        if (status == NtStatus.Success)
        {
            Move(node, place.Value.Directory, to);
            Recheck(heard, before, from, isOther: true);
            Recheck(heard, place.Value.Directory, to, isOther: true);
            // It has been renamed, whatever becomes of what it replaced.
            _ = hidden is { } old ? await RemovePathAsync(old.Open.RemovedPath!).ConfigureAwait(false) : status;
        }
        else if (hidden is { } kept && await RenameOnServerAsync(kept.Open.RemovedPath!, kept.Path, GetFileNumber(kept.Open.Node), replaces: false).ConfigureAwait(false) == NtStatus.Success)
        {
            kept.Open.RemovedPath = null;
        }
        return status.ToErrno();
    }

    /// <summary>Removes a file's name; one that is open here keeps another, which nobody is shown, until it is closed.</summary>
    private async Task<NtStatus> RemoveFileAsync(PathNode node)
    {
        string path = GetPath(node);
        if (FindOpen(node.Inode) is not { } open)
        {
            return await RemovePathAsync(path).ConfigureAwait(false);
        }
        NtStatus hidden = await HideAsync(open, path).ConfigureAwait(false);
        return hidden == NtStatus.Success ? await RemovePathAsync(open.RemovedPath!).ConfigureAwait(false) : hidden;
    }

    /// <summary>Gives an open file a name that nobody is shown.</summary>
    private async Task<NtStatus> HideAsync(OpenInode open, string path)
    {
        string hidden = path[..(path.LastIndexOf('\\') + 1)] + HiddenPrefix + Guid.NewGuid().ToString("N");
        NtStatus status = await RenameOnServerAsync(path, hidden, GetFileNumber(open.Node), replaces: false).ConfigureAwait(false);
        if (status == NtStatus.Success)
        {
            open.RemovedPath = hidden;
        }
        return status;
    }

    private async Task<NtStatus> RemovePathAsync(string path)
    {
        NtStatus status = await DeleteAsync(path, CreateOptions.NonDirectory | CreateOptions.OpenReparsePoint).ConfigureAwait(false);
        if (status == NtStatus.CannotDelete)
        {
            // Read-only files can be removed everywhere else.
            byte[] normal = new byte[40];
            BinaryPrimitives.WriteUInt32LittleEndian(normal.AsSpan(32), (uint)SmbFileAttributes.Normal);
            CreateParameters change = new(AccessMask.WriteAttributes, Options: CreateOptions.OpenReparsePoint);
            status = await _client.RunAsync((share, _) => share.SetAsync(path, change, BasicInformation, normal)).ConfigureAwait(false);
            status = status == NtStatus.Success ? await DeleteAsync(path, CreateOptions.NonDirectory | CreateOptions.OpenReparsePoint).ConfigureAwait(false) : status;
        }
        return status;
    }

    private async Task<NtStatus> RemoveDirectoryAsync(PathNode node)
        => await DeleteAsync(GetPath(node), CreateOptions.Directory | CreateOptions.OpenReparsePoint).ConfigureAwait(false);

    private Task<NtStatus> DeleteAsync(string path, CreateOptions options) => _client.RunAsync(
        async (share, isRetry) =>
        {
            NtStatus status = await share.SetAsync(path, new CreateParameters(AccessMask.Delete, Options: options), DispositionInformation, new byte[] { 1 }).ConfigureAwait(false);
            // It was removed just before the connection broke.
            return isRetry && status is NtStatus.ObjectNameNotFound or NtStatus.DeletePending ? NtStatus.Success : status;
        });

    /// <param name="path">The old path.</param>
    /// <param name="newPath">The new one.</param>
    /// <param name="fileNumber">The server's number of the file; 0 if it is not known.</param>
    /// <param name="replaces">Whether what has the new path goes.</param>
    private Task<NtStatus> RenameOnServerAsync(string path, string newPath, ulong fileNumber, bool replaces)
    {
        byte[] information = new byte[Math.Max(24, 20 + (newPath.Length * 2))];
        information[0] = replaces ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteInt32LittleEndian(information.AsSpan(16), newPath.Length * 2);
        Encoding.Unicode.GetBytes(newPath, information.AsSpan(20));
        CreateParameters rename = new(AccessMask.Delete | AccessMask.ReadAttributes, Options: CreateOptions.OpenReparsePoint);
        return _client.RunAsync(
            async (share, isRetry) =>
            {
                NtStatus status = await share.SetAsync(path, rename, RenameInformation, information).ConfigureAwait(false);
                // It was renamed just before the connection broke, if it is there.
                return isRetry && status == NtStatus.ObjectNameNotFound ? await FindRenamedAsync(share, newPath, fileNumber).ConfigureAwait(false) : status;
            });
    }

    /// <summary>Succeeds if a path leads to a file of that number; to any, if the number is 0 or the server tells none.</summary>
    private static async Task<NtStatus> FindRenamedAsync(SmbShare share, string path, ulong fileNumber)
    {
        SmbResult<CreateAnswer> there = await share.CreateAsync(path, new CreateParameters(AccessMask.ReadAttributes, Options: CreateOptions.OpenReparsePoint)).ConfigureAwait(false);
        if (!there.IsOk)
        {
            return there.Status;
        }
        await share.CloseAsync(there.Value.Id).ConfigureAwait(false);
        ulong number = there.Value.Facts.FileNumber;
        return number == fileNumber || number == 0 || fileNumber == 0 ? NtStatus.Success : NtStatus.ObjectNameNotFound;
    }

    private static ulong GetFileNumber(PathNode node) => ((SmbState)node.State!).FileNumber;

    /// <summary>What has a name that is to be changed; null if nothing does.</summary>
    private async ValueTask<Result<PathNode?>> FindForChangeAsync(RequestContext context, ulong parent, byte[] name)
    {
        Result<PathNode> directory = await GetDirectoryAsync(context, parent).ConfigureAwait(false);
        if (!directory.IsOk)
        {
            return directory.Errno;
        }
        Result<PathNode> found = await ResolveAsync(context, directory.Value, name).ConfigureAwait(false);
        return found.IsOk ? new Result<PathNode?>(found.Value) : found.Errno == Errno.ENOENT ? new Result<PathNode?>((PathNode?)null) : found.Errno;
    }

    private async ValueTask<Result<PathNode>> GetDirectoryAsync(RequestContext context, ulong inode)
    {
        Result<PathNode> node = await GetNodeAsync(context, inode).ConfigureAwait(false);
        return !node.IsOk ? node.Errno : !node.Value.IsDirectory ? Errno.ENOTDIR : node.Value.IsGone ? Errno.ENOENT : node;
    }

    /// <summary>Where a new name goes.</summary>
    private async ValueTask<Result<(PathNode Directory, string Path)>> GetPlaceAsync(RequestContext context, ulong parent, byte[] name)
    {
        Result<PathNode> directory = await GetDirectoryAsync(context, parent).ConfigureAwait(false);
        return !directory.IsOk ? directory.Errno
            : SmbName.TryEncode(name) is not { } encoded || IsHidden(encoded) ? Errno.EINVAL
            : (directory.Value, Join(GetPath(directory.Value), encoded));
    }

    private static bool IsHidden(string name) => name.StartsWith(HiddenPrefix, StringComparison.Ordinal);

    private static bool IsHidden(ReadOnlySpan<byte> name) => name.StartsWith(".kaleidofs-removed-"u8);
}
