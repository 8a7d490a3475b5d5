namespace Kaleidofs.Transforms.Overlay;

/// <summary>Renaming.</summary>
public sealed partial class OverlayFileSystem
{
    /// <summary>Deeper is a ring, which only a filesystem beneath that is broken has.</summary>
    private const int MaxDepth = 1 << 16;

    /// <inheritdoc/>
    public override async ValueTask<Errno> RenameAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name, ulong newParent, ReadOnlyMemory<byte> newName, RenameOptions options)
    {
        if (options is not (RenameOptions.None or RenameOptions.NoReplace or RenameOptions.Exchange))
        {
            return Errno.EINVAL;
        }
        await _names.WaitAsync().ConfigureAwait(false);
        try
        {
            Result<Attributes> from = await GetDirectoryAsync(context, parent).ConfigureAwait(false);
            Result<Attributes> to = await GetDirectoryAsync(context, newParent).ConfigureAwait(false);
            Result<FoundName> source = from.IsOk ? await FindAsync(context, parent, name).ConfigureAwait(false) : from.Errno;
            Result<FoundName> target = to.IsOk ? await FindAsync(context, newParent, newName).ConfigureAwait(false) : to.Errno;
            Errno errno = !source.IsOk ? source.Errno
                : !target.IsOk ? target.Errno
                : await CheckAsync(context, parent, source.Value, newParent, target.Value, options).ConfigureAwait(false);
            if (errno != Errno.None || source.Value.Inode == target.Value.Inode)
            {
                // Two names of one inode: rename(2) does nothing.
                return errno;
            }
            Move move = new(from.Value, name, source.Value, to.Value, newName, target.Value);
            return await CommitAsync(options == RenameOptions.Exchange ? GetExchange(move) : GetMove(move)).ConfigureAwait(false);
        }
        finally
        {
            _names.Release();
        }
    }

    private async ValueTask<Errno> CheckAsync(RequestContext context, ulong parent, FoundName source, ulong newParent, FoundName target, RenameOptions options)
    {
        if (!source.IsThere || (options == RenameOptions.Exchange && !target.IsThere))
        {
            return Errno.ENOENT;
        }
        if (options == RenameOptions.NoReplace && target.IsThere)
        {
            return Errno.EEXIST;
        }
        Errno errno = Errno.None;
        if (source.Attributes.IsDirectory)
        {
            errno = await CheckOutsideAsync(context, source.Inode, newParent, Errno.EINVAL).ConfigureAwait(false);
        }
        if (errno == Errno.None && target.Attributes.IsDirectory)
        {
            errno = await CheckOutsideAsync(context, target.Inode, parent, options == RenameOptions.Exchange ? Errno.EINVAL : Errno.ENOTEMPTY).ConfigureAwait(false);
        }
        if (errno != Errno.None || !target.IsThere || options == RenameOptions.Exchange || source.Inode == target.Inode)
        {
            return errno;
        }
        return source.Attributes.IsDirectory == target.Attributes.IsDirectory
            ? target.Attributes.IsDirectory ? await CheckEmptyAsync(context, target.Inode).ConfigureAwait(false) : Errno.None
            : target.Attributes.IsDirectory ? Errno.EISDIR : Errno.ENOTDIR;
    }

    /// <summary>An error if a directory is another one, or in it.</summary>
    private async ValueTask<Errno> CheckOutsideAsync(RequestContext context, ulong ancestor, ulong directory, Errno failure)
    {
        for (int depth = 0; depth < MaxDepth; depth++)
        {
            if (directory == ancestor)
            {
                return failure;
            }
            if (directory == RootInode)
            {
                return Errno.None;
            }
            Result<ulong> parent = await GetParentAsync(context, directory).ConfigureAwait(false);
            if (!parent.IsOk)
            {
                // A source that does not know parents leaves that to the kernel.
                return parent.Errno == Errno.ENOSYS ? Errno.None : parent.Errno;
            }
            directory = parent.Value;
        }
        return Errno.ELOOP;
    }

    private RecordWriter GetMove(Move move)
    {
        RecordWriter records = new();
        bool isDirectory = move.Source.Attributes.IsDirectory;
        bool replacesDirectory = move.Target.Attributes.IsDirectory;
        if (move.Target.IsThere)
        {
            AddRemoval(records, move.Target.Attributes);
        }
        AddMoved(records, move.Source.Attributes, move.To.Inode);
        int gone = isDirectory ? -1 : 0;
        int come = (isDirectory ? 1 : 0) - (replacesDirectory ? 1 : 0);
        AddDirectories(records, move, gone, come);
        AddName(records, move.From.Inode, move.Name.Span, 0, move.Source.IsInLower);
        AddName(records, move.To.Inode, move.NewName.Span, move.Source.Inode, move.Target.IsInLower);
        return records;
    }

    private RecordWriter GetExchange(Move move)
    {
        RecordWriter records = new();
        AddMoved(records, move.Source.Attributes, move.To.Inode);
        AddMoved(records, move.Target.Attributes, move.From.Inode);
        int come = (move.Source.Attributes.IsDirectory ? 1 : 0) - (move.Target.Attributes.IsDirectory ? 1 : 0);
        AddDirectories(records, move, -come, come);
        AddName(records, move.From.Inode, move.Name.Span, move.Target.Inode, move.Source.IsInLower);
        AddName(records, move.To.Inode, move.NewName.Span, move.Source.Inode, move.Target.IsInLower);
        return records;
    }

    private void AddMoved(RecordWriter records, Attributes attributes, ulong parent)
    {
        attributes.ChangeTime = Now;
        AddNode(records, attributes, NodeFields.ChangeTime);
        if (attributes.IsDirectory)
        {
            records.AddParent(attributes.Inode, parent);
        }
    }

    private void AddDirectories(RecordWriter records, Move move, int gone, int come)
    {
        if (move.From.Inode == move.To.Inode)
        {
            AddDirectory(records, move.From, gone + come);
            return;
        }
        AddDirectory(records, move.From, gone);
        AddDirectory(records, move.To, come);
    }

    /// <summary>A rename, with all that was looked up for it.</summary>
    private sealed record Move(Attributes From, ReadOnlyMemory<byte> Name, FoundName Source, Attributes To, ReadOnlyMemory<byte> NewName, FoundName Target);
}
