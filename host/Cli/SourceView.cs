using Kaleidofs.Caching;
using Kaleidofs.Host.Linux;
using Kaleidofs.Host.Loading;
using Kaleidofs.Host.Serving;

namespace Kaleidofs.Host.Cli;

/// <summary>A source as the verbs that look inside see it: paths, through the driver contract, without a mount.</summary>
internal sealed class SourceView : IAsyncDisposable
{
    /// <summary>As path_resolution(7) has it.</summary>
    private const int MaxLinks = 40;

    private readonly FileSystem _fileSystem;
    private readonly ContentCache _cache;
    private readonly RequestContext _context = new(Libc.GetEffectiveUserId(), Libc.GetEffectiveGroupId(), (uint)Environment.ProcessId);

    private SourceView(FileSystem fileSystem, ContentCache cache)
    {
        _fileSystem = fileSystem;
        _cache = cache;
    }

    /// <summary>The filesystem, transforms included.</summary>
    public FileSystem FileSystem => _fileSystem;

    /// <summary>Who asks.</summary>
    public RequestContext Context => _context;

    /// <summary>Opens a source.</summary>
    /// <exception cref="SourceException">It cannot be opened.</exception>
    public static async Task<SourceView> OpenAsync(ShareOptions options, System.CommandLine.ParseResult result)
    {
        DriverLog log = new StandardErrorLog(options.ReadLogLevel(result));
        // Who looks at a file does not expect gigabytes to be written for it.
        ContentCache cache = options.ReadCache(result, usesDisk: false).Create(log);
        DriverCatalog drivers = options.ReadDrivers(result);
        foreach (RefusedDriver refused in drivers.Refused)
        {
            log.Warning($"{refused.Path} is not used: {refused.Reason}");
        }
        FileSystem fileSystem = await ShareFileSystem.OpenAsync(options.Read(result), drivers, cache, log, OpeningProgress.ForTerminal, CancellationToken.None).ConfigureAwait(false);
        return new SourceView(fileSystem, cache);
    }

    /// <summary>What a path leads to. Links on the way are followed, within the source; the last one if asked for.</summary>
    public async ValueTask<Result<Attributes>> ResolveAsync(byte[] path, bool followLast)
    {
        Result<CachedAttributes> root = await _fileSystem.GetAttributesAsync(_context, FileSystem.RootInode, null).ConfigureAwait(false);
        if (!root.IsOk)
        {
            return root.Errno;
        }
        Stack<Attributes> parents = new();
        parents.Push(root.Value.Attributes);
        Stack<byte[]> rest = new();
        PushComponents(rest, path);
        int links = 0;
        while (rest.TryPop(out byte[]? name))
        {
            Attributes directory = parents.Peek();
            if (name is [(byte)'.'])
            {
                continue;
            }
            if (name is [(byte)'.', (byte)'.'])
            {
                if (parents.Count > 1)
                {
                    parents.Pop();
                }
                continue;
            }
            if (!directory.IsDirectory)
            {
                return Errno.ENOTDIR;
            }
            Result<Entry> found = await LookupAsync(directory.Inode, name).ConfigureAwait(false);
            if (!found.IsOk)
            {
                return found.Errno;
            }
            Attributes attributes = found.Value.Attributes;
            if (!attributes.IsSymbolicLink || (rest.Count == 0 && !followLast))
            {
                parents.Push(attributes);
                continue;
            }
            if (++links > MaxLinks)
            {
                return Errno.ELOOP;
            }
            Result<ReadOnlyMemory<byte>> target = await _fileSystem.ReadLinkAsync(_context, attributes.Inode).ConfigureAwait(false);
            if (!target.IsOk)
            {
                return target.Errno;
            }
            byte[] text = target.Value.ToArray();
            if (text is [(byte)'/', ..])
            {
                // The source's root stands for '/': a view never leaves its source.
                while (parents.Count > 1)
                {
                    parents.Pop();
                }
            }
            PushComponents(rest, text);
        }
        return parents.Peek();
    }

    /// <summary>A directory's entries, sorted by the bytes of their names. The caller forgets each (<see cref="Forget"/>) when it needs its inode no more.</summary>
    public async ValueTask<Result<List<ListedEntry>>> ListAsync(ulong inode)
    {
        Result<OpenedFile> opened = await _fileSystem.OpenDirectoryAsync(_context, inode).ConfigureAwait(false);
        if (!opened.IsOk)
        {
            return opened.Errno;
        }
        EntryCollector collector = new();
        Errno errno;
        int before;
        do
        {
            before = collector.Entries.Count;
            errno = await _fileSystem.ListAsync(_context, inode, opened.Value.Handle, collector.Cookie, collector).ConfigureAwait(false);
        }
        while (errno == Errno.None && collector.Entries.Count > before);
        await _fileSystem.ReleaseDirectoryAsync(_context, inode, opened.Value.Handle).ConfigureAwait(false);
        if (errno != Errno.None)
        {
            foreach (ListedEntry entry in collector.Entries)
            {
                Forget(entry.Attributes.Inode);
            }
            return errno;
        }
        collector.Entries.Sort(static (left, right) => left.Name.AsSpan().SequenceCompareTo(right.Name));
        return collector.Entries;
    }

    /// <summary>Gives back what a listing took: until then the inode stays what it is.</summary>
    public void Forget(ulong inode) => _fileSystem.Forget(inode, 1);

    /// <summary>The entry as stat tells it, where the listing's attributes are not to be shown.</summary>
    public async ValueTask<ListedEntry> SettleAsync(ListedEntry entry)
    {
        Result<CachedAttributes> settled = entry.IsProvisional ? await _fileSystem.GetAttributesAsync(_context, entry.Attributes.Inode, null).ConfigureAwait(false) : Errno.ENODATA;
        return settled.IsOk ? new ListedEntry(entry.Name, settled.Value.Attributes) : entry;
    }

    /// <summary>Copies a file's content; what the source fails at is the errno.</summary>
    public async ValueTask<Errno> CopyAsync(ulong inode, Stream destination)
    {
        Result<OpenedFile> opened = await _fileSystem.OpenAsync(_context, inode, OpenFlags.ReadOnly).ConfigureAwait(false);
        if (!opened.IsOk)
        {
            return opened.Errno;
        }
        ArrayPayloadWriter payload = new(1 << 20);
        long offset = 0;
        Errno errno;
        do
        {
            payload.Clear();
            errno = await _fileSystem.ReadAsync(_context, inode, opened.Value.Handle, offset, payload).ConfigureAwait(false);
            if (errno == Errno.None)
            {
                await destination.WriteAsync(payload.Content).ConfigureAwait(false);
                offset += payload.Written;
            }
        }
        // What is still coming is read as it comes: only nothing is its end.
        while (errno == Errno.None && (payload.Remaining == 0 || (payload.Written > 0 && (opened.Value.Options & OpenOptions.DirectIO) != 0)));
        await _fileSystem.ReleaseAsync(_context, inode, opened.Value.Handle).ConfigureAwait(false);
        return errno;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _fileSystem.DisposeAsync().ConfigureAwait(false);
        _cache.Dispose();
    }

    private async ValueTask<Result<Entry>> LookupAsync(ulong parent, byte[] name)
    {
        if (name.Length > FileSystem.MaxNameLength)
        {
            return Errno.ENAMETOOLONG;
        }
        Result<Entry> found = await _fileSystem.LookupAsync(_context, parent, name).ConfigureAwait(false);
        return found.IsOk && found.Value.Attributes.Inode == 0 ? Errno.ENOENT : found;
    }

    private static void PushComponents(Stack<byte[]> rest, byte[] path)
    {
        int end = path.Length;
        while (end > 0)
        {
            int slash = path.AsSpan(0, end).LastIndexOf((byte)'/');
            if (slash + 1 < end)
            {
                rest.Push(path[(slash + 1)..end]);
            }
            end = Math.Max(slash, 0);
        }
    }
}
