using System.Collections.Concurrent;
using System.Text;
using Kaleidofs.Drivers.Git.Nodes;
using Kaleidofs.Drivers.Git.Objects;
using Kaleidofs.Drivers.Git.Times;
using Kaleidofs.Drivers.Git.Trees;

namespace Kaleidofs.Drivers.Git;

/// <summary>A commit's tree, or all refs of a repository with the trees of their commits.</summary>
/// <remarks>
/// What has been looked at is answered from memory, at once. The rest is read on the share's threads that may wait: a directory's tree and the sizes of its files
/// with the first listing, content when it is read.
/// </remarks>
internal sealed class GitFileSystem : FileSystem
{
    private const int MaxTarget = 4095;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ServedRepository _served;
    private readonly FileReader _files;
    private readonly NodeTable _nodes;
    private readonly InodeFinder? _finder;
    private readonly ConcurrentDictionary<ulong, NameList> _listings = new();
    private ulong _lastListing;

    private GitFileSystem(ServedRepository served, FileReader files, Node root, FileSystemInfo info)
    {
        (_served, _files, Info) = (served, files, info);
        _nodes = new NodeTable();
        _ = _nodes.Enter(InodeNumbers.Root, root.Key, _ => root);
        _finder = root is TreeNode tree ? new InodeFinder(_nodes, tree) : null;
    }

    public override FileSystemInfo Info { get; }

    /// <summary>All refs.</summary>
    public static GitFileSystem OfRefs(Repository repository, DriverContext context, GitOptions options)
    {
        ServedRepository served = new(repository, context, options);
        return new GitFileSystem(served, context.Files, new RefsRoot(served, new TextCache(context.Cache)), new FileSystemInfo { KnowsParents = true });
    }

    /// <summary>A commit, or a directory of it.</summary>
    /// <exception cref="SourceException">There is no such directory in it.</exception>
    public static GitFileSystem OfCommit(Repository repository, DriverContext context, GitOptions options, CommitFacts commit, string directory)
    {
        ServedRepository served = new(repository, context, options);
        ObjectId tree = commit.Tree;
        ulong digest = PathTimes.Root;
        string path = "";
        foreach (string name in directory.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            path = path.Length == 0 ? name : $"{path}/{name}";
            Result<TreeContent> content = served.Reader.Read(tree);
            if (!content.IsOk)
            {
                throw new SourceException($"{repository.Path}: a tree above '{path}' is missing or damaged; 'git fsck' tells more");
            }
            if (!content.Value.TryFind(Encoding.UTF8.GetBytes(name), out int entry) || content.Value.GetKind(entry) != TreeEntryKind.Directory)
            {
                throw new SourceException($"{repository.Path}: {(entry < 0 ? "there is no" : "it is no directory:")} '{path}' in commit {commit.Id.ToHex(repository.Format)}");
            }
            tree = content.Value.GetId(entry);
            digest = PathTimes.Derive(digest, content.Value.GetName(entry));
        }
        string identity = $"git {(options.ResolvesLfs ? "lfs " : "")}{commit.Id.ToHex(repository.Format)}:{path}";
        FileSystemInfo info = new() { Identity = identity, IsImmutable = true, IsStateless = true, KnowsParents = true };
        TreeNode root = new(InodeNumbers.Root, null, identity, new TreeInside(served, tree, commit, digest), isRoot: path.Length == 0);
        return new GitFileSystem(served, context.Files, root, info);
    }

    public override ValueTask<Result<Entry>> LookupAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name)
    {
        if (!TryFind(parent, out Node? node, out int file))
        {
            return LaterAsync(parent, () => LookupAsync(context, parent, name));
        }
        if (file >= 0)
        {
            return new(Errno.ENOTDIR);
        }
        switch (node)
        {
            case TreeNode tree when tree.Content is { } content:
                Result<Entry> found = TryLookup(tree, content, name.Span, out bool needsSize);
                return needsSize ? new(_files.RunAsync(() => LookupLater(tree, name))) : new(found);
            case TreeNode tree:
                return new(_files.RunAsync(() => LookupLater(tree, name)));
            case VirtualDirectory directory:
                return new(_files.RunAsync(() => LookupIn(directory, name.Span)));
            default:
                return new(Errno.ENOTDIR);
        }
    }

    public override void Forget(ulong inode, ulong count)
    {
        if (InodeNumbers.GetIndex(inode) < 0)
        {
            _nodes.Forget(InodeNumbers.GetDirectory(inode), count);
        }
    }

    public override ValueTask<Result<CachedAttributes>> GetAttributesAsync(RequestContext context, ulong inode, ulong? handle)
    {
        if (!TryFind(inode, out Node? node, out int file))
        {
            return LaterAsync(inode, () => GetAttributesAsync(context, inode, handle));
        }
        if (file < 0)
        {
            return node.HasAttributes
                ? new(Describe(node))
                : new(_files.RunAsync(() => node.Prepare() is var errno and not Errno.None ? errno : new Result<CachedAttributes>(Describe(node))));
        }
        TreeNode tree = (TreeNode)node;
        return tree.Content is { } content && content.TryGetSize(file, out long size)
            ? new(tree.Inside.Served.Describer.Describe(tree, content, file, size))
            : new(_files.RunAsync(() => GetAttributesLater(tree, file)));
    }

    public override ValueTask<Result<ulong>> GetParentAsync(RequestContext context, ulong inode)
        => TryFind(inode, out Node? node, out int file) ? new(file >= 0 ? node.Inode : node.Parent?.Inode ?? RootInode)
        : LaterAsync(inode, () => GetParentAsync(context, inode));

    public override ValueTask<Result<ReadOnlyMemory<byte>>> ReadLinkAsync(RequestContext context, ulong inode)
    {
        if (!TryFind(inode, out Node? node, out int file))
        {
            return LaterAsync(inode, () => ReadLinkAsync(context, inode));
        }
        return file < 0
            ? new(node.Target is { } target ? target : Errno.EINVAL)
            : new(_files.RunAsync(() => ReadTarget((TreeNode)node, file)));
    }

    public override ValueTask<Result<OpenedFile>> OpenAsync(RequestContext context, ulong inode, OpenFlags flags)
        => new((flags & (OpenFlags.AccessMode | OpenFlags.Truncate)) == 0 ? new OpenedFile(0, OpenOptions.KeepCache | OpenOptions.NoFlush) : Errno.EROFS);

    public override ValueTask<Errno> ReadAsync(RequestContext context, ulong inode, ulong handle, long offset, PayloadWriter destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        if (!TryFind(inode, out Node? node, out int file))
        {
            return LaterAsync(inode, () => ReadAsync(context, inode, handle, offset, destination));
        }
        if (file < 0)
        {
            return node is not TextNode text ? new(Errno.EISDIR)
                : text.TryRead(offset, destination) ? default
                : new(_files.RunAsync(() => text.Read(offset, destination)));
        }
        TreeNode tree = (TreeNode)node;
        return tree.Content is { } content && content.TryGetSize(file, out long size)
            ? Read(context, tree, content, file, size, offset, destination)
            : ReadLaterAsync(context, tree, file, offset, destination);
    }

    public override async ValueTask<Result<OpenedFile>> OpenDirectoryAsync(RequestContext context, ulong inode)
    {
        Node? node = TryFind(inode, out Node? found, out int file) ? found : null;
        if (node is VirtualDirectory directory)
        {
            // As it is now: a listing goes on in what it began with, whatever happens to refs meanwhile.
            ulong listing = Interlocked.Increment(ref _lastListing);
            _listings[listing] = await _files.RunAsync(() => new NameList(directory.List())).ConfigureAwait(false);
            return new OpenedFile(listing);
        }
        return file >= 0 && node is TreeNode ? Errno.ENOTDIR : new OpenedFile(0, OpenOptions.KeepCache | OpenOptions.CacheDirectory);
    }

    public override ValueTask<Errno> ReleaseDirectoryAsync(RequestContext context, ulong inode, ulong handle)
    {
        if (_listings.TryRemove(handle, out NameList? names))
        {
            names.Dispose();
        }
        return default;
    }

    public override ValueTask<Errno> ListAsync(RequestContext context, ulong inode, ulong handle, ulong cookie, DirectoryWriter destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        if (!TryFind(inode, out Node? node, out int file))
        {
            return LaterAsync(inode, () => ListAsync(context, inode, handle, cookie, destination));
        }
        if (file >= 0)
        {
            return new(Errno.ENOTDIR);
        }
        switch (node)
        {
            case TreeNode tree when tree.Content is { } content && (content.HasSizes || !destination.IncludesLookup):
                return new(List(tree, content, cookie, destination));
            case TreeNode tree:
                return new(_files.RunAsync(() => ListLater(tree, cookie, destination)));
            case VirtualDirectory directory:
                NameList? names = _listings.GetValueOrDefault(handle);
                return new(_files.RunAsync(() => ListVirtual(directory, names ?? new NameList(directory.List()), cookie, destination)));
            default:
                return new(Errno.ENOTDIR);
        }
    }

    public override ValueTask<Result<ReadOnlyMemory<byte>>> GetExtendedAttributeAsync(RequestContext context, ulong inode, ReadOnlyMemory<byte> name)
        => GetExtendedAttributesAsync(inode) is { IsCompletedSuccessfully: true } set ? new(GitAttributes.Get(set.Result, name.Span)) : GetAttributeLaterAsync(inode, name);

    public override async ValueTask<Result<ReadOnlyMemory<byte>>> ListExtendedAttributesAsync(RequestContext context, ulong inode)
        => GitAttributes.List(await GetExtendedAttributesAsync(inode).ConfigureAwait(false));

    public override async ValueTask DisposeAsync()
    {
        await _served.EndAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>The node of an inode's directory, and which of its files the inode is, or -1.</summary>
    private bool TryFind(ulong inode, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Node? node, out int file)
    {
        node = _nodes.Get(InodeNumbers.GetDirectory(inode));
        file = InodeNumbers.GetIndex(inode);
        return node is TreeNode || (node is not null && file < 0);
    }

    private async ValueTask<Result<T>> LaterAsync<T>(ulong inode, Func<ValueTask<Result<T>>> again)
        => await IsThereAsync(inode).ConfigureAwait(false) ? await again().ConfigureAwait(false) : Errno.ESTALE;

    private async ValueTask<Errno> LaterAsync(ulong inode, Func<ValueTask<Errno>> again)
        => await IsThereAsync(inode).ConfigureAwait(false) ? await again().ConfigureAwait(false) : Errno.ESTALE;

    /// <summary>Whether an inode is one of a single commit, told by an earlier process, or forgotten since: then its directory is looked for in all of the tree.</summary>
    private ValueTask<bool> IsThereAsync(ulong inode) => _finder is null ? new(false) : new(_files.RunAsync(() => _finder.TryEnter(inode)));

    private Result<Entry> TryLookup(TreeNode tree, TreeContent content, ReadOnlySpan<byte> name, out bool needsSize)
    {
        needsSize = false;
        Entry entry = new() { NameTime = CacheTime.Forever, AttributeTime = CacheTime.Forever };
        if (!content.TryFind(name, out int place))
        {
            return entry;
        }
        if (content.IsDirectory(place))
        {
            return ToEntry(tree.Enter(_nodes, content, place));
        }
        needsSize = !content.TryGetSize(place, out long size);
        CachedAttributes described = tree.Inside.Served.Describer.Describe(tree, content, place, Math.Max(size, 0));
        (entry.Attributes, entry.AttributeTime) = (described.Attributes, described.Time);
        return entry;
    }

    private Result<Entry> LookupLater(TreeNode tree, ReadOnlyMemory<byte> name)
    {
        Result<TreeContent> read = tree.Read();
        if (!read.IsOk)
        {
            return read.Errno;
        }
        Result<Entry> found = TryLookup(tree, read.Value, name.Span, out bool needsSize);
        if (!needsSize)
        {
            return found;
        }
        read.Value.TryFind(name.Span, out int place);
        Errno errno = tree.Inside.Served.Reader.LoadSize(read.Value, place);
        return errno == Errno.None ? TryLookup(tree, read.Value, name.Span, out _) : errno;
    }

    private Result<Entry> LookupIn(VirtualDirectory directory, ReadOnlySpan<byte> name)
    {
        string text;
        try
        {
            text = Strict.GetString(name);
        }
        catch (DecoderFallbackException)
        {
            return Errno.ENOENT;
        }
        Result<Node> found = directory.Find(_nodes, text);
        if (!found.IsOk)
        {
            return found.Errno == Errno.ENOENT && directory.IsImmutable ? new Entry { NameTime = CacheTime.Forever } : found.Errno;
        }
        Errno errno = found.Value.Prepare();
        if (errno != Errno.None)
        {
            _nodes.Forget(found.Value.Number, 1);
            return errno;
        }
        return ToEntry(found.Value);
    }

    private static Result<CachedAttributes> GetAttributesLater(TreeNode tree, int file)
    {
        Result<TreeContent> read = ReadTreeOf(tree, file);
        Errno errno = read.IsOk ? tree.Inside.Served.Reader.LoadSize(read.Value, file) : read.Errno;
        if (errno != Errno.None)
        {
            return errno;
        }
        read.Value.TryGetSize(file, out long size);
        return tree.Inside.Served.Describer.Describe(tree, read.Value, file, size);
    }

    private static Result<ReadOnlyMemory<byte>> ReadTarget(TreeNode tree, int file)
    {
        Result<TreeContent> read = ReadTreeOf(tree, file);
        if (!read.IsOk)
        {
            return read.Errno;
        }
        return read.Value.GetKind(file) == TreeEntryKind.SymbolicLink ? tree.Inside.Served.Blobs.ReadSmall(read.Value.GetId(file), MaxTarget) : Errno.EINVAL;
    }

    private async ValueTask<Errno> ReadLaterAsync(RequestContext context, TreeNode tree, int file, long offset, PayloadWriter destination)
    {
        Result<CachedAttributes> attributes = await _files.RunAsync(() => GetAttributesLater(tree, file)).ConfigureAwait(false);
        Result<TreeContent> read = attributes.IsOk ? await _files.RunAsync(() => ReadTreeOf(tree, file)).ConfigureAwait(false) : attributes.Errno;
        return read.IsOk ? await Read(context, tree, read.Value, file, (long)attributes.Value.Attributes.Size, offset, destination).ConfigureAwait(false) : read.Errno;
    }

    private ValueTask<Errno> Read(RequestContext context, TreeNode tree, TreeContent content, int file, long size, long offset, PayloadWriter destination)
    {
        switch (content.GetKind(file))
        {
            case TreeEntryKind.SymbolicLink:
                return new(Errno.EINVAL);
            default:
                int count = offset < 0 ? 0 : (int)Math.Min(destination.Remaining, Math.Max(0, size - offset));
                if (count == 0)
                {
                    return default;
                }
                if (tree.Inside.Served.Lfs is { } lfs && content.GetPointer(file) is { } pointer)
                {
                    return new(_files.RunAsync(() => lfs.Read(pointer, offset, count, destination)));
                }
                if (offset == 0)
                {
                    tree.Inside.Served.Ahead.OnRead(tree, content, file);
                }
                return tree.Inside.Served.Blobs.ReadAsync(context, content.GetId(file), size, offset, count, destination);
        }
    }

    private Errno List(TreeNode tree, TreeContent content, ulong cookie, DirectoryWriter destination)
    {
        if (cookie == 0 && destination.IncludesLookup)
        {
            tree.Inside.Served.Ahead.OnListed(tree, content);
        }
        for (int place = (int)Math.Min(cookie, (ulong)content.Count); place < content.Count; place++)
        {
            if (content.IsServed(place) && !TryAdd(tree, content, place, destination))
            {
                break;
            }
        }
        return Errno.None;
    }

    private bool TryAdd(TreeNode tree, TreeContent content, int place, DirectoryWriter destination)
    {
        Entry entry = new() { NameTime = CacheTime.Forever, AttributeTime = CacheTime.Forever };
        ReadOnlySpan<byte> name = content.GetName(place);
        if (!content.IsDirectory(place))
        {
            bool hasSize = content.TryGetSize(place, out long size);
            CachedAttributes described = tree.Inside.Served.Describer.Describe(tree, content, place, Math.Max(size, 0));
            (entry.Attributes, entry.AttributeTime) = (described.Attributes, described.Time);
            if (!hasSize)
            {
                // Missing or damaged: whoever asks for it itself is told so.
                (entry.NameTime, entry.AttributeTime) = (CacheTime.None, CacheTime.None);
            }
            return destination.TryAdd(name, (ulong)place + 1, entry);
        }
        if (!destination.IncludesLookup)
        {
            entry.Attributes = NodeAttributes.OfDirectory(InodeNumbers.Derive(tree.Number, name), tree.Inside.Commit.Time);
            return destination.TryAdd(name, (ulong)place + 1, entry);
        }
        TreeNode child = tree.Enter(_nodes, content, place);
        return TryAddNode(name, (ulong)place + 1, ToEntry(child), child, destination);
    }

    private Errno ListLater(TreeNode tree, ulong cookie, DirectoryWriter destination)
    {
        Result<TreeContent> read = tree.Read();
        if (!read.IsOk)
        {
            return read.Errno;
        }
        if (destination.IncludesLookup)
        {
            tree.Inside.Served.Reader.LoadSizes(read.Value);
        }
        return List(tree, read.Value, cookie, destination);
    }

    private Errno ListVirtual(VirtualDirectory directory, NameList names, ulong cookie, DirectoryWriter destination)
    {
        for (int i = (int)Math.Min(cookie, int.MaxValue - 1); names.Get(i) is { } name; i++)
        {
            // What does not lead anywhere now is passed over.
            Result<Node> found = directory.Find(_nodes, name);
            if (found.IsOk && !TryAddNode(Encoding.UTF8.GetBytes(name), (ulong)i + 1, ToEntry(found.Value), found.Value, destination))
            {
                break;
            }
        }
        return Errno.None;
    }

    /// <summary>Adds a node that was entered for this; it is left again if the kernel does not take it.</summary>
    private bool TryAddNode(ReadOnlySpan<byte> name, ulong cookie, in Entry entry, Node node, DirectoryWriter destination)
    {
        bool isAdded = destination.TryAdd(name, cookie, entry);
        if (!isAdded || !destination.IncludesLookup)
        {
            _nodes.Forget(node.Number, 1);
        }
        return isAdded;
    }

    /// <summary>The directory's tree, if it has such a file.</summary>
    private static Result<TreeContent> ReadTreeOf(TreeNode tree, int file)
    {
        Result<TreeContent> read = tree.Read();
        return read.IsOk && (file >= read.Value.Count || !read.Value.IsServed(file) || read.Value.IsDirectory(file)) ? Errno.ESTALE : read;
    }

    private ValueTask<Result<GitAttributes>> GetExtendedAttributesAsync(ulong inode)
    {
        if (!TryFind(inode, out Node? node, out int file))
        {
            return LaterAsync(inode, () => GetExtendedAttributesAsync(inode));
        }
        if (node is not TreeNode tree)
        {
            return new(new GitAttributes());
        }
        if (file < 0)
        {
            return new(tree.ExtendedAttributes);
        }
        return tree.Content is { } content && file < content.Count
            ? new(GetFileAttributes(tree, content, file))
            : new(_files.RunAsync(() => ReadTreeOf(tree, file) is { IsOk: true, Value: var read } ? GetFileAttributes(tree, read, file) : new Result<GitAttributes>(Errno.EIO)));
    }

    private async ValueTask<Result<ReadOnlyMemory<byte>>> GetAttributeLaterAsync(ulong inode, ReadOnlyMemory<byte> name)
        => GitAttributes.Get(await GetExtendedAttributesAsync(inode).ConfigureAwait(false), name.Span);

    private static Result<GitAttributes> GetFileAttributes(TreeNode tree, TreeContent content, int file)
        => new GitAttributes { ObjectId = content.GetId(file).ToHex(tree.Inside.Served.Repository.Format) };

    private CachedAttributes Describe(Node node) => GetDescriber(node).Describe(node);

    private Entry ToEntry(Node node) => GetDescriber(node).ToEntry(node);

    private Describer GetDescriber(Node node) => (node is TreeNode tree ? tree.Place.Served : _served).Describer;
}
