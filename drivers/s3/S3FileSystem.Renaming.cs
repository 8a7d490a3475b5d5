using Kaleidofs.Drivers.S3.Client;
using Kaleidofs.Drivers.S3.Keys;
using Kaleidofs.Drivers.S3.Renaming;
using Kaleidofs.Drivers.S3.Writing;
using Kaleidofs.Paths;

namespace Kaleidofs.Drivers.S3;

/// <summary>Names that are changed: S3 has copies and removals alone.</summary>
internal sealed partial class S3FileSystem
{
    private readonly SemaphoreSlim _renaming = new(1);
    private volatile RenamingGate? _gate;

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
        Result<PathNode> directory = GetDirectory(newParent);
        if (!source.IsOk || !target.IsOk || !directory.IsOk)
        {
            return !source.IsOk ? source.Errno : !target.IsOk ? target.Errno : directory.Errno;
        }
        if (source.Value is not { } node)
        {
            return Errno.ENOENT;
        }
        if (target.Value is { } replaced)
        {
            if (replaced == node)
            {
                return Errno.None;
            }
            if ((options & RenameOptions.NoReplace) != 0)
            {
                return Errno.EEXIST;
            }
            if (node.IsDirectory != replaced.IsDirectory)
            {
                return replaced.IsDirectory ? Errno.EISDIR : Errno.ENOTDIR;
            }
        }
        return node.IsDirectory
            ? await RenameDirectoryAsync(node, target.Value, directory.Value, to).ConfigureAwait(false)
            : await RenameOverAsync(node, target.Value, directory.Value, to).ConfigureAwait(false);
    }

    private async ValueTask<Errno> RenameOverAsync(PathNode node, PathNode? replaced, PathNode directory, byte[] name)
    {
        OpenInode? over = replaced is null ? null : FindOpen(replaced.Inode);
        Errno errno = await RenameFileAsync(node, replaced, directory, name).ConfigureAwait(false);
        if (errno == Errno.None && over is not null)
        {
            // Not in the turn of the other: of two that rename each over the other, both would wait.
            await over.Turn.WaitAsync().ConfigureAwait(false);
            await UnlinkAsync(over).ConfigureAwait(false);
            over.Turn.Release();
        }
        return errno;
    }

    private async ValueTask<Errno> RenameFileAsync(PathNode node, PathNode? replaced, PathNode directory, byte[] name)
    {
        string suffix = node.Attributes.IsSymbolicLink ? ObjectFacts.LinkSuffix : "";
        string key;
        if (replaced is not null && node.Attributes.IsSymbolicLink == replaced.Attributes.IsSymbolicLink)
        {
            key = GetKey(replaced);
        }
        else if (CheckNewName(directory, name, suffix, out key) is var wrong and not Errno.None)
        {
            return wrong;
        }
        OpenInode? open = FindOpen(node.Inode);
        await WaitAsync(open).ConfigureAwait(false);
        try
        {
            Errno errno = open is null ? Errno.None : await SendAsync(open).ConfigureAwait(false);
            if (errno != Errno.None)
            {
                return errno;
            }
            string old = GetKey(node);
            // What another has put there since it was looked at is not overwritten.
            Precondition condition = new(replaced is not null && GetKey(replaced) == key ? ((S3State)replaced.State!).Version.ETag : null);
            Result<ObjectHead> copied = await _bucket.CopyAsync(old, key, head => head.Metadata, MakeUpload, condition, Ending).ConfigureAwait(false);
            if (copied.Errno == Errno.ESTALE && replaced is not null)
            {
                Expire(replaced);
            }
            if (!copied.IsOk)
            {
                // A server that cannot copy it (some cannot, if it is encrypted) leaves that to mv.
                return copied.Errno switch { Errno.ESTALE => Errno.EBUSY, Errno.EOPNOTSUPP => Errno.EXDEV, var failed => failed };
            }
            // A crash in between leaves both, and nothing is lost.
            errno = await _bucket.DeleteAsync(old, Ending).ConfigureAwait(false);
            if (errno == Errno.None && replaced is not null && GetKey(replaced) != key)
            {
                errno = await _bucket.DeleteAsync(GetKey(replaced), Ending).ConfigureAwait(false);
            }
            if (errno != Errno.None)
            {
                return errno;
            }
            PathNode left = node.Parent!;
            Move(node, directory, name);
            S3State state = ((S3State)node.State!) with { Component = DirectoryPages.GetOddComponent(GetLast(key, suffix)), Version = copied.Value.Version, Metadata = copied.Value.Metadata };
            Update(node, new PathFacts(node.Attributes, state));
            if (open is not null)
            {
                open.Base = copied.Value.Version.ETag;
                open.Sent = GetObject(node);
            }
            return await KeepDirectoryAsync(left).ConfigureAwait(false);
        }
        finally
        {
            open?.Turn.Release();
        }
    }

    /// <summary>A directory without anything in it is its marker; one with keys is any number of copies, which mv makes itself where it is told EXDEV.</summary>
    private async ValueTask<Errno> RenameDirectoryAsync(PathNode node, PathNode? replaced, PathNode directory, byte[] name)
    {
        for (PathNode? above = directory; above is not null; above = above.Parent)
        {
            if (above == node)
            {
                return Errno.EINVAL;
            }
        }
        Errno errno = replaced is null ? Errno.None : await CheckEmptyAsync(replaced).ConfigureAwait(false);
        if (errno == Errno.None)
        {
            errno = CheckNewName(directory, name, "/", out string key);
            if (errno == Errno.None && await CheckEmptyAsync(node).ConfigureAwait(false) is var contents and not Errno.None)
            {
                return contents == Errno.ENOTEMPTY ? await RenameFullAsync(node, directory, name, key).ConfigureAwait(false) : contents;
            }
            if (errno == Errno.None)
            {
                errno = await KnowMetadataAsync(node).ConfigureAwait(false);
            }
            if (errno == Errno.None)
            {
                Result<string> put = await _bucket.PutAsync(key, () => new MemoryStream(), GetMetadata(node), condition: null, Ending).ConfigureAwait(false);
                errno = put.IsOk ? await _bucket.DeleteAsync(GetPrefix(node), Ending).ConfigureAwait(false) : put.Errno;
            }
        }
        if (errno != Errno.None)
        {
            return errno;
        }
        PathNode left = node.Parent!;
        Move(node, directory, name);
        return await KeepDirectoryAsync(left).ConfigureAwait(false);
    }

    /// <summary>Renames a directory with all that is in it, if that is allowed and it is not too much.</summary>
    private async ValueTask<Errno> RenameFullAsync(PathNode node, PathNode directory, byte[] name, string to)
    {
        if (_maxRenamed == 0)
        {
            return Errno.EXDEV;
        }
        await _renaming.WaitAsync().ConfigureAwait(false);
        RenamingGate gate = new(node);
        _gate = gate;
        List<OpenInode> opened = [];
        try
        {
            lock (_inodes)
            {
                opened.AddRange(_inodes.Values.Where(open => !open.Node.IsGone && gate.Holds(open.Node)));
            }
            foreach (OpenInode open in opened)
            {
                await open.Turn.WaitAsync().ConfigureAwait(false);
            }
            foreach (OpenInode open in opened)
            {
                Errno sent = await SendAsync(open).ConfigureAwait(false);
                if (sent != Errno.None)
                {
                    return sent;
                }
            }
            return await RenameKeysAsync(node, directory, name, to, opened).ConfigureAwait(false);
        }
        finally
        {
            foreach (OpenInode open in opened)
            {
                open.Turn.Release();
            }
            _gate = null;
            gate.Open();
            _renaming.Release();
        }
    }

    private async ValueTask<Errno> RenameKeysAsync(PathNode node, PathNode directory, byte[] name, string to, List<OpenInode> opened)
    {
        string from = GetPrefix(node);
        Result<List<ListedObject>> listed = await DirectoryRename.ListAsync(_bucket, from, _maxRenamed, Ending).ConfigureAwait(false);
        if (!listed.IsOk)
        {
            return listed.Errno;
        }
        // Asked anew: what was believed of the new name may be some seconds old. Its marker may be there.
        Result<List<ListedObject>> taken = await DirectoryRename.ListAsync(_bucket, to, 1, Ending).ConfigureAwait(false);
        if (!taken.IsOk || taken.Value.Any(one => one.Key != to))
        {
            return taken.Errno is Errno.None or Errno.EXDEV ? Errno.ENOTEMPTY : taken.Errno;
        }
        if (listed.Value.Any(one => !KeyText.IsShortEnough(to + one.Key[from.Length..])))
        {
            return Errno.ENAMETOOLONG;
        }
        using RenameNote? note = await _renames.NoteAsync(from, to).ConfigureAwait(false);
        if (note is null)
        {
            return Errno.EIO;
        }
        DirectoryRename rename = new(_bucket, note, _files);
        Result<IReadOnlyCollection<RenamedObject>> copied = await rename.CopyAsync(_maxRenamed, MakeUpload, Ending).ConfigureAwait(false);
        if (!copied.IsOk)
        {
            return copied.Errno;
        }
        Errno errno = await rename.FinishAsync(copied.Value, Ending).ConfigureAwait(false);
        if (errno != Errno.None)
        {
            // The next start finishes it; until then both names are there.
            _log.Warning($"{_address}: the renaming of a directory is not complete ({errno}); the next start goes on with it");
            return errno;
        }
        await RunAsync(note.Remove).ConfigureAwait(false);
        PathNode left = node.Parent!;
        Move(node, directory, name);
        Adopt(node, copied.Value.ToDictionary(one => to + one.Rest, one => one.Copy!, StringComparer.Ordinal));
        foreach (OpenInode open in opened)
        {
            open.Base = open.IsUnlinked ? open.Base : ((S3State)open.Node.State!).Version.ETag;
            open.Sent = GetObject(open.Node);
        }
        return await KeepDirectoryAsync(left).ConfigureAwait(false);
    }

    /// <summary>Takes over the copies' tags, as what was sent in parts has another as a copy.</summary>
    private void Adopt(PathNode directory, Dictionary<string, string> tags)
    {
        foreach (PathNode node in GetKnownNames(directory))
        {
            if (node.IsDirectory)
            {
                Adopt(node, tags);
            }
            else if (tags.TryGetValue(GetKey(node), out string? tag))
            {
                S3State state = (S3State)node.State!;
                SetState(node, state with { Version = new ObjectVersion(tag, ObjectVersion.NotTold) });
            }
        }
    }

    /// <summary>Waits while a directory is renamed that something is in.</summary>
    private Task PassAsync(PathNode node) => _gate is { } gate && gate.Holds(node) ? gate.Opened : Task.CompletedTask;
}
