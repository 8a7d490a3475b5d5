namespace Kaleidofs.Trees;

/// <summary>
/// The base of filesystems over an immutable source: everything but the content of files is answered from a
/// <see cref="Trees.Tree"/>, at once, without locks or allocation.
/// </summary>
public abstract class TreeFileSystem : FileSystem
{
    private const uint BlockSize = 4096;

    /// <summary>A filesystem over a tree.</summary>
    /// <param name="tree">The index.</param>
    /// <param name="identity">The source's identity, as <see cref="FileSystemInfo.Identity"/> defines it.</param>
    protected TreeFileSystem(Tree tree, string identity)
    {
        Tree = tree;
        Info = new FileSystemInfo { Identity = identity, IsImmutable = true, IsStateless = true, KnowsParents = true };
    }

    /// <summary>The index.</summary>
    protected Tree Tree { get; }

    /// <inheritdoc/>
    public override FileSystemInfo Info { get; }

    /// <inheritdoc/>
    public override ValueTask<Result<Entry>> LookupAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name)
    {
        if (!Tree.TryGetNode(parent, out int directory))
        {
            return new(Errno.ESTALE);
        }
        if (!Tree.IsDirectory(directory))
        {
            return new(Errno.ENOTDIR);
        }
        Entry entry = new() { NameTime = CacheTime.Forever, AttributeTime = CacheTime.Forever };
        if (Tree.TryFind(directory, name.Span, out int node))
        {
            Tree.GetAttributes(node, out entry.Attributes);
        }
        return new(entry);
    }

    /// <inheritdoc/>
    public override ValueTask<Result<CachedAttributes>> GetAttributesAsync(RequestContext context, ulong inode, ulong? handle)
    {
        if (!Tree.TryGetNode(inode, out int node))
        {
            return new(Errno.ESTALE);
        }
        Tree.GetAttributes(node, out Attributes attributes);
        return new(new CachedAttributes(attributes, CacheTime.Forever));
    }

    /// <inheritdoc/>
    public override ValueTask<Result<ulong>> GetParentAsync(RequestContext context, ulong inode)
        => new(Tree.TryGetNode(inode, out int node) && Tree.GetParent(node) is int parent and >= 0 ? Tree.ToInode(parent) : Errno.ESTALE);

    /// <inheritdoc/>
    public override ValueTask<Result<ReadOnlyMemory<byte>>> ReadLinkAsync(RequestContext context, ulong inode)
    {
        if (!Tree.TryGetNode(inode, out int node))
        {
            return new(Errno.ESTALE);
        }
        if ((Tree.GetMode(node) & FileType.Mask) != FileType.SymbolicLink)
        {
            return new(Errno.EINVAL);
        }
        return Tree.TryGetTarget(node, out ReadOnlyMemory<byte> target) ? new(target) : ReadTargetAsync(context, node);
    }

    /// <inheritdoc/>
    public override ValueTask<Result<OpenedFile>> OpenAsync(RequestContext context, ulong inode, OpenFlags flags)
    {
        if (!Tree.TryGetNode(inode, out int node))
        {
            return new(Errno.ESTALE);
        }
        return Tree.IsDirectory(node) ? new(Errno.EISDIR) : base.OpenAsync(context, inode, flags);
    }

    /// <inheritdoc/>
    public override ValueTask<Errno> ReadAsync(RequestContext context, ulong inode, ulong handle, long offset, PayloadWriter destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        if (!Tree.TryGetNode(inode, out int node))
        {
            return new(Errno.ESTALE);
        }
        if ((Tree.GetMode(node) & FileType.Mask) != FileType.Regular)
        {
            return new(Tree.IsDirectory(node) ? Errno.EISDIR : Errno.EINVAL);
        }
        if (offset < 0)
        {
            return new(Errno.EINVAL);
        }
        long count = Math.Min(Tree.GetSize(node) - offset, destination.Remaining);
        return count <= 0 ? new(Errno.None) : ReadFileAsync(context, node, offset, (int)count, destination);
    }

    /// <inheritdoc/>
    public override ValueTask<Result<OpenedFile>> OpenDirectoryAsync(RequestContext context, ulong inode)
        => Tree.TryGetNode(inode, out int node) && !Tree.IsDirectory(node) ? new(Errno.ENOTDIR) : base.OpenDirectoryAsync(context, inode);

    /// <inheritdoc/>
    public override ValueTask<Errno> ListAsync(RequestContext context, ulong inode, ulong handle, ulong cookie, DirectoryWriter destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        if (!Tree.TryGetNode(inode, out int directory))
        {
            return new(Errno.ESTALE);
        }
        return Tree.IsDirectory(directory) ? List(directory, cookie, destination) : new(Errno.ENOTDIR);
    }

    /// <summary>Goes on with a listing that was begun while the tree grew.</summary>
    internal ValueTask<Errno> ListBehind(ulong inode, ulong last, DirectoryWriter destination)
    {
        if (!Tree.TryGetNode(inode, out int directory))
        {
            return new(Errno.ESTALE);
        }
        return Tree.IsDirectory(directory) ? List(directory, (ulong)Tree.CountChildren(directory, last), destination) : new(Errno.ENOTDIR);
    }

    private ValueTask<Errno> List(int directory, ulong cookie, DirectoryWriter destination)
    {
        Entry entry = new() { NameTime = CacheTime.Forever, AttributeTime = CacheTime.Forever };
        int count = Tree.GetChildCount(directory);
        // The cookie is the position after an entry. One that no listing gave out lies past the end, or names a position all the same.
        for (int position = (int)Math.Min(cookie, (ulong)count); position < count; position++)
        {
            int child = Tree.GetChild(directory, position);
            Tree.GetAttributes(Tree.Resolve(child), out entry.Attributes);
            if (!destination.TryAdd(Tree.GetName(child), (ulong)position + 1, entry))
            {
                break;
            }
        }
        // A name may stand in a mapped file, which is unmapped when nobody refers to the tree.
        GC.KeepAlive(this);
        return new(Errno.None);
    }

    /// <inheritdoc/>
    public override ValueTask<Result<FileSystemStatistics>> GetStatisticsAsync(RequestContext context, ulong inode) => new(new FileSystemStatistics
    {
        Blocks = (Tree.TotalSize + BlockSize - 1) / BlockSize,
        Files = (ulong)Tree.NodeCount,
        BlockSize = BlockSize,
        FragmentSize = BlockSize,
        NameLength = MaxNameLength,
    });

    /// <inheritdoc/>
    public override ValueTask<Result<ReadOnlyMemory<byte>>> GetExtendedAttributeAsync(RequestContext context, ulong inode, ReadOnlyMemory<byte> name)
    {
        if (!Tree.HasExtendedAttributes)
        {
            return new(Errno.ENOSYS);
        }
        if (!Tree.TryGetNode(inode, out int node))
        {
            return new(Errno.ESTALE);
        }
        return Tree.GetExtendedAttributes(node) is { } set && set.TryGet(name.Span, out ReadOnlyMemory<byte> value) ? new(value) : new(Errno.ENODATA);
    }

    /// <inheritdoc/>
    public override ValueTask<Result<ReadOnlyMemory<byte>>> ListExtendedAttributesAsync(RequestContext context, ulong inode)
    {
        if (!Tree.HasExtendedAttributes)
        {
            return new(Errno.ENOSYS);
        }
        return Tree.TryGetNode(inode, out int node)
            ? new(Tree.GetExtendedAttributes(node)?.Names ?? ReadOnlyMemory<byte>.Empty)
            : new(Errno.ESTALE);
    }

    /// <summary>Reads from a regular file.</summary>
    /// <param name="context">The caller; once its token is cancelled, nothing may be written to the destination.</param>
    /// <param name="node">The file.</param>
    /// <param name="offset">Where to begin; before the file's end.</param>
    /// <param name="count">How many bytes: at least one, never past the file's end, never more than the destination has room for.</param>
    /// <param name="destination">Takes them all, unless an error is returned.</param>
    protected abstract ValueTask<Errno> ReadFileAsync(RequestContext context, int node, long offset, int count, PayloadWriter destination);

    /// <summary>Reads the target of a symbolic link that <see cref="TreeBuilder.SetTarget"/> did not tell.</summary>
    protected virtual ValueTask<Result<ReadOnlyMemory<byte>>> ReadTargetAsync(RequestContext context, int node) => new(Errno.EIO);
}
