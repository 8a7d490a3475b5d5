using System.Buffers.Binary;
using Kaleidofs.Drivers.Smb.Client;
using Kaleidofs.Drivers.Smb.Client.Wire;
using Kaleidofs.Paths;

namespace Kaleidofs.Drivers.Smb;

/// <summary>Attributes that are changed.</summary>
internal sealed partial class SmbFileSystem
{
    private const byte BasicInformation = 4;
    private const byte EndOfFileInformation = 20;

    /// <inheritdoc/>
    public override async ValueTask<Result<CachedAttributes>> SetAttributesAsync(RequestContext context, ulong inode, AttributeChange change)
    {
        Result<PathNode> given = await GetNodeAsync(context, inode).ConfigureAwait(false);
        if (!given.IsOk)
        {
            return given.Errno;
        }
        PathNode node = given.Value;
        OpenInode? open = FindOpen(inode);
        if (node.IsGone && open?.RemovedPath is null)
        {
            // Another file may have its path; a handle leads to this one.
            bool isByHandle = change.Handle is { } handle && _handles.TryGetValue(handle, out OpenFile? file) && file.Remote.IsWritable;
            if (change.Size is not { } length || !isByHandle)
            {
                return Errno.ESTALE;
            }
            Errno truncated = await TruncateAsync(node, open, length, change.Handle).ConfigureAwait(false);
            return truncated == Errno.None ? GetCachedAttributes(node) : truncated;
        }
        if ((change.UserId is { } user && user != node.Attributes.UserId) || (change.GroupId is { } group && group != node.Attributes.GroupId))
        {
            // Owners are the server's own kind, and are not shown.
            return Errno.EPERM;
        }
        long heard = Heard;
        Errno errno = change.Size is { } size ? await TruncateAsync(node, open, size, change.Handle).ConfigureAwait(false) : Errno.None;
        if (errno == Errno.None)
        {
            errno = await ChangeBasicsAsync(node, open, change).ConfigureAwait(false);
        }
        Recheck(heard, node.Parent, node.Name.Span, isOther: false);
        return errno == Errno.None ? GetCachedAttributes(node) : errno;
    }

    private async ValueTask<Errno> TruncateAsync(PathNode node, OpenInode? open, ulong size, ulong? handle)
    {
        if (!node.Attributes.IsRegularFile)
        {
            return node.IsDirectory ? Errno.EISDIR : Errno.EINVAL;
        }
        if (size > long.MaxValue)
        {
            return Errno.EFBIG;
        }
        if (handle is { } number && _handles.TryGetValue(number, out OpenFile? file) && file.Remote.IsWritable)
        {
            return await SetSizeAsync(file, size).ConfigureAwait(false);
        }
        byte[] information = WriteSize(size);
        string path = open?.RemovedPath ?? GetPath(node);
        NtStatus status = await _client.RunAsync((share, _) => share.SetAsync(path, new CreateParameters(AccessMask.WriteData, Options: CreateOptions.NonDirectory), EndOfFileInformation, information)).ConfigureAwait(false);
        if (status == NtStatus.Success)
        {
            open?.AddWrite();
            NoteSize(open ?? new OpenInode(node, 0), size);
        }
        return status.ToErrno();
    }

    private async ValueTask<Errno> SetSizeAsync(OpenFile file, ulong size)
    {
        byte[] information = WriteSize(size);
        NtStatus status = await file.Remote.RunAsync((share, id) => share.SetAsync(id, EndOfFileInformation, information)).ConfigureAwait(false);
        if (status == NtStatus.Success)
        {
            file.Inode.AddWrite();
            NoteSize(file.Inode, size);
        }
        return status.ToErrno();
    }

    /// <summary>Times, and the one permission that there is: whether it may be written.</summary>
    private async ValueTask<Errno> ChangeBasicsAsync(PathNode node, OpenInode? open, AttributeChange change)
    {
        Timestamp now = Timestamp.From(DateTimeOffset.UtcNow);
        Timestamp? accessed = change.AccessTimeNow ? now : change.AccessTime;
        Timestamp? written = change.ModificationTimeNow ? now : change.ModificationTime;
        SmbState state = (SmbState)node.State!;
        SmbFileAttributes attributes = state.Attributes;
        if (change.Mode is { } mode && node.Attributes.IsRegularFile)
        {
            attributes = (mode & SmbFacts.WritePermissions) == 0 ? attributes | SmbFileAttributes.ReadOnly : attributes & ~SmbFileAttributes.ReadOnly;
        }
        bool isChanged = attributes != state.Attributes;
        if (accessed is null && written is null && !isChanged)
        {
            return Errno.None;
        }
        byte[] information = new byte[40];
        BinaryPrimitives.WriteUInt64LittleEndian(information.AsSpan(8), accessed is { } access ? SmbFacts.FromTimestamp(access) : 0);
        BinaryPrimitives.WriteUInt64LittleEndian(information.AsSpan(16), written is { } write ? SmbFacts.FromTimestamp(write) : 0);
        if (isChanged)
        {
            SmbFileAttributes set = attributes & ~SmbFileAttributes.ReparsePoint & ~SmbFileAttributes.Sparse;
            BinaryPrimitives.WriteUInt32LittleEndian(information.AsSpan(32), (uint)(set == SmbFileAttributes.None ? SmbFileAttributes.Normal : set));
        }
        string path = open?.RemovedPath ?? GetPath(node);
        CreateParameters parameters = new(AccessMask.WriteAttributes, Options: CreateOptions.OpenReparsePoint);
        NtStatus status = await _client.RunAsync((share, _) => share.SetAsync(path, parameters, BasicInformation, information)).ConfigureAwait(false);
        if (status == NtStatus.Success)
        {
            Attributes told = node.Attributes;
            told.AccessTime = accessed ?? told.AccessTime;
            told.ModificationTime = written ?? told.ModificationTime;
            told.ChangeTime = now;
            if (isChanged)
            {
                told.Mode = (attributes & SmbFileAttributes.ReadOnly) != 0 ? told.Mode & ~SmbFacts.WritePermissions : SmbFacts.FileMode;
            }
            Update(node, new PathFacts(told, state with { Attributes = attributes }));
        }
        return status.ToErrno();
    }

    private static byte[] WriteSize(ulong size)
    {
        byte[] information = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(information, size);
        return information;
    }

    private void NoteSize(OpenInode open, ulong size)
    {
        lock (open.Lock)
        {
            Attributes attributes = open.Node.Attributes;
            attributes.Size = size;
            attributes.Blocks = Math.Min(attributes.Blocks, (size + 511) / 512);
            NoteChanged(open, attributes);
        }
    }
}
