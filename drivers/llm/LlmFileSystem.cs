using System.Collections.Concurrent;
using Kaleidofs.Caching;
using Kaleidofs.Drivers.Llm.Generating;
using Kaleidofs.Drivers.Llm.Worlds;

namespace Kaleidofs.Drivers.Llm;

/// <summary>A share of a world: names.</summary>
internal sealed partial class LlmFileSystem : FileSystem
{
    /// <summary>Another share of the same world may change names and contents.</summary>
    private static readonly CacheTime Known = CacheTime.FromSeconds(1);

    private readonly World _world;
    private readonly Generator _generator;
    private readonly Func<ValueTask> _close;
    private readonly bool _isStreaming;
    private readonly long _unclaimed;
    private readonly FileReader _files;
    private readonly ContentReader _reader;
    private readonly ConcurrentDictionary<ulong, OpenFile> _handles = new();
    private ulong _lastHandle;

    /// <param name="world">The world.</param>
    /// <param name="generator">Fills it.</param>
    /// <param name="unclaimed">The size of a file that is not complete.</param>
    /// <param name="isStreaming">Whether stat does not wait for a file that is being generated.</param>
    /// <param name="files">Threads that may wait for the disk.</param>
    /// <param name="cache">Has what was read lately.</param>
    /// <param name="close">Gives the world back.</param>
    public LlmFileSystem(World world, Generator generator, long unclaimed, bool isStreaming, FileReader files, ContentCache cache, Func<ValueTask> close)
    {
        _world = world;
        _generator = generator;
        _unclaimed = unclaimed;
        _isStreaming = isStreaming;
        _files = files;
        _reader = new ContentReader(world, cache);
        _close = close;
        Info = new FileSystemInfo { IsReadOnly = world.IsFrozen };
    }

    /// <inheritdoc/>
    public override FileSystemInfo Info { get; }

    /// <inheritdoc/>
    public override string Remark => _world.IsFrozen ? "frozen" : SpentText.Describe(_generator.Budget);

    private CacheTime KnownTime => _world.IsFrozen ? CacheTime.Forever : Known;

    /// <inheritdoc/>
    public override ValueTask<Result<Entry>> LookupAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name)
    {
        if (!_world.TryGet(parent, out WorldNode? directory))
        {
            return new(Errno.ESTALE);
        }
        if (!directory.Facts.IsDirectory)
        {
            return new(Errno.ENOTDIR);
        }
        return directory.IsListed ? new(Find(directory, name.Span)) : new(ListAndFindAsync(context, directory, name));
    }

    /// <inheritdoc/>
    public override async ValueTask<Result<OpenedFile>> OpenDirectoryAsync(RequestContext context, ulong inode)
    {
        if (!_world.TryGet(inode, out WorldNode? directory))
        {
            return Errno.ESTALE;
        }
        if (!directory.Facts.IsDirectory)
        {
            return Errno.ENOTDIR;
        }
        // Here rather than at the first reading: this is the call whose failure programs report.
        Errno errno = await _generator.EnsureListedAsync(directory, context.CancellationToken).ConfigureAwait(false);
        return errno == Errno.None ? new OpenedFile(0, _world.IsFrozen ? OpenOptions.KeepCache | OpenOptions.CacheDirectory : OpenOptions.None) : errno;
    }

    /// <inheritdoc/>
    public override ValueTask<Errno> ListAsync(RequestContext context, ulong inode, ulong handle, ulong cookie, DirectoryWriter destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        if (!_world.TryGet(inode, out WorldNode? directory))
        {
            return new(Errno.ESTALE);
        }
        if (!directory.Facts.IsDirectory)
        {
            return new(Errno.ENOTDIR);
        }
        if (!directory.IsListed)
        {
            return new(EnsureAndListAsync(context, directory, cookie, destination));
        }
        List(directory, cookie, destination);
        return default;
    }

    /// <inheritdoc/>
    public override ValueTask<Result<ReadOnlyMemory<byte>>> ReadLinkAsync(RequestContext context, ulong inode)
        => !_world.TryGet(inode, out WorldNode? node) ? new(Errno.ESTALE)
            : node.Facts.IsLink ? new(new Result<ReadOnlyMemory<byte>>(node.Facts.Target))
            : new(Errno.EINVAL);

    /// <inheritdoc/>
    public override ValueTask<Result<FileSystemStatistics>> GetStatisticsAsync(RequestContext context, ulong inode) => new(new FileSystemStatistics
    {
        BlockSize = 4096,
        FragmentSize = 4096,
        NameLength = MaxNameLength,
        Files = (ulong)_world.Count,
    });

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        foreach (OpenFile open in _handles.Values)
        {
            open.Flight?.Leave();
        }
        await base.DisposeAsync().ConfigureAwait(false);
        await _generator.DisposeAsync().ConfigureAwait(false);
        await _close().ConfigureAwait(false);
    }

    private async Task<Result<Entry>> ListAndFindAsync(RequestContext context, WorldNode directory, ReadOnlyMemory<byte> name)
    {
        Errno errno = await _generator.EnsureListedAsync(directory, context.CancellationToken).ConfigureAwait(false);
        return errno == Errno.None ? Find(directory, name.Span) : errno;
    }

    private Result<Entry> Find(WorldNode directory, ReadOnlySpan<byte> name)
    {
        lock (_world.Gate)
        {
            return directory.Find(name) is { } child ? EntryOf(child) : Errno.ENOENT;
        }
    }

    private async Task<Errno> EnsureAndListAsync(RequestContext context, WorldNode directory, ulong cookie, DirectoryWriter destination)
    {
        Errno errno = await _generator.EnsureListedAsync(directory, context.CancellationToken).ConfigureAwait(false);
        if (errno == Errno.None)
        {
            List(directory, cookie, destination);
        }
        return errno;
    }

    private void List(WorldNode directory, ulong cookie, DirectoryWriter destination)
    {
        lock (_world.Gate)
        {
            WorldNode[] ordered = directory.Ordered;
            for (int i = FindAfter(ordered, cookie); i < ordered.Length; i++)
            {
                WorldNode child = ordered[i];
                if (!destination.TryAdd(child.Facts.Name, child.Facts.Sequence, EntryOf(child)))
                {
                    break;
                }
            }
        }
    }

    private static int FindAfter(WorldNode[] ordered, ulong cookie)
    {
        int low = 0;
        int high = ordered.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = ordered[middle].Facts.Sequence <= cookie ? (middle + 1, high) : (low, middle);
        }
        return low;
    }

    private Entry EntryOf(WorldNode node) => new()
    {
        Attributes = node.GetAttributes(_unclaimed),
        NameTime = KnownTime,
        AttributeTime = node.IsUnfinished ? CacheTime.None : KnownTime,
    };
}
