using System.Text;
using Kaleidofs.Caching;
using Kaleidofs.Drivers.Archive;
using Kaleidofs.Host.Linux;
using Kaleidofs.Host.Serving;

namespace Kaleidofs.Tests.Unit.Archive;

/// <summary>An open archive, or another source, looked at by path through the filesystem contract, as a kernel would.</summary>
internal sealed class Browser : IAsyncDisposable
{
    // One for all: each has threads of its own.
    private static readonly DiskReader Disk = new();

    /// <summary>The program as it was built with these tests.</summary>
    public static readonly WorkerProcesses Workers = new("dotnet", Path.Combine(AppContext.BaseDirectory, "kaleidofs.dll"));

    private readonly ContentCache _cache;
    private readonly bool _ownsCache;

    internal Browser(FileSystem fileSystem, ContentCache cache, bool ownsCache, RecordingLog log)
    {
        FileSystem = fileSystem;
        _cache = cache;
        _ownsCache = ownsCache;
        Log = log;
    }

    public FileSystem FileSystem { get; }

    public RecordingLog Log { get; }

    public static async Task<Browser> OpenAsync(
        string path, long cacheBudget = ContentCache.DefaultBudget, Dictionary<string, string>? options = null, ContentCache? shared = null, FileReader? files = null, WorkerStarter? workers = null)
    {
        RecordingLog log = new();
        // Tests keep nothing in the user's folder.
        options = new(options ?? []) { ["index"] = options?.GetValueOrDefault("index") ?? "none" };
        ContentCache cache = shared ?? new(cacheBudget);
        DriverContext context = new() { Source = path, Scheme = "archive", Cache = cache, Files = files ?? Disk, Log = log, Options = options, Workers = workers ?? Workers };
        FileSystem archive = await new ArchiveDriver().OpenAsync(context, CancellationToken.None);
        await archive.Completion;
        return new Browser(archive, cache, shared is null, log);
    }

    public async Task<ulong> FindAsync(string path) => (await LookupAsync(path)) is { Inode: > 0 } found ? found.Inode : throw new FileNotFoundException(path);

    public async Task<Attributes> LookupAsync(string path)
    {
        Attributes attributes = (await FileSystem.GetAttributesAsync(default, FileSystem.RootInode, null)).Value.Attributes;
        foreach (string name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            Result<Entry> result = await FileSystem.LookupAsync(default, attributes.Inode, Encoding.UTF8.GetBytes(name));
            Assert.Equal(Errno.None, result.Errno);
            attributes = result.Value.Attributes;
            if (attributes.Inode == 0)
            {
                break;
            }
        }
        return attributes;
    }

    /// <summary>The paths of everything, each directory's entries behind it.</summary>
    public async Task<List<string>> ListAllAsync() => [.. (await WalkAsync()).Select(entry => entry.Path)];

    /// <summary>Everything, found by inode number, so that names may be any bytes.</summary>
    public async Task<List<(string Path, Attributes Attributes)>> WalkAsync(ulong inode = Kaleidofs.FileSystem.RootInode, string prefix = "")
    {
        List<(string, Attributes)> all = [];
        foreach ((string name, Attributes attributes) in await ListAsync(inode))
        {
            all.Add((prefix + name, attributes));
            if (attributes.IsDirectory)
            {
                all.AddRange(await WalkAsync(attributes.Inode, prefix + name + "/"));
            }
        }
        return all;
    }

    public async Task<List<(string Name, Attributes Attributes)>> ListAsync(ulong inode, int page = 7)
    {
        List<(string, Attributes)> all = [];
        ulong cookie = 0;
        while (true)
        {
            Listing listing = new(page);
            Assert.Equal(Errno.None, await FileSystem.ListAsync(default, inode, 0, cookie, listing));
            if (listing.Entries.Count == 0)
            {
                return all;
            }
            all.AddRange(listing.Entries);
            cookie = listing.LastCookie;
        }
    }

    public async Task<byte[]> ReadAllAsync(string path)
    {
        Attributes attributes = await LookupAsync(path);
        (Errno errno, byte[] content) = await ReadAsync(attributes.Inode, 0, (int)attributes.Size + 10);
        Assert.Equal(Errno.None, errno);
        return content;
    }

    public async Task<Errno> TryReadAllAsync(string path)
    {
        Attributes attributes = await LookupAsync(path);
        return (await ReadAsync(attributes.Inode, 0, (int)Math.Min(attributes.Size + 10, 8 << 20))).Errno;
    }

    public async Task<(Errno Errno, byte[] Content)> ReadAsync(ulong inode, long offset, int count, int segmentLength = 4096)
    {
        SegmentedPayload payload = new(count, segmentLength);
        Errno errno = await FileSystem.ReadAsync(default, inode, 0, offset, payload);
        return (errno, payload.ToArray());
    }

    public async Task<string> ReadLinkAsync(string path)
    {
        Result<ReadOnlyMemory<byte>> result = await FileSystem.ReadLinkAsync(default, await FindAsync(path));
        Assert.Equal(Errno.None, result.Errno);
        return Encoding.UTF8.GetString(result.Value.Span);
    }

    public async ValueTask DisposeAsync()
    {
        await FileSystem.DisposeAsync();
        if (_ownsCache)
        {
            _cache.Dispose();
        }
    }

    private sealed class Listing(int page) : DirectoryWriter
    {
        public List<(string Name, Attributes Attributes)> Entries { get; } = [];

        public ulong LastCookie { get; private set; }

        public override bool IncludesLookup => true;

        public override bool TryAdd(ReadOnlySpan<byte> name, ulong nextCookie, in Entry entry)
        {
            if (Entries.Count == page)
            {
                return false;
            }
            Assert.True(nextCookie is > 0 and < 1UL << 62);
            Entries.Add((Encoding.UTF8.GetString(name), entry.Attributes));
            LastCookie = nextCookie;
            return true;
        }
    }
}
