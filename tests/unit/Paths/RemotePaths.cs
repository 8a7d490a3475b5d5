using System.Collections.Concurrent;
using System.Text;
using Kaleidofs.Paths;

namespace Kaleidofs.Tests.Unit.Paths;

/// <summary>A source of paths that others change behind the table's back, and that counts what it is asked.</summary>
internal sealed class RemotePaths(ManualClock clock, PathNumbers? numbers = null) : PathFileSystem(Directory(), new PathTimes(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(4)), numbers, clock)
{
    /// <summary>Path to size; -1 for a directory.</summary>
    public ConcurrentDictionary<string, long> Source { get; } = new();

    public ConcurrentQueue<string> Asked { get; } = new();

    /// <summary>What each answer waits for, once it has been made.</summary>
    public Func<string, Task> Late { get; set; } = _ => Task.CompletedTask;

    public override FileSystemInfo Info { get; } = new();

    public int Known => Count;

    public new PathNode Root => base.Root;

    public static PathFacts Directory() => new(new Attributes { Mode = FileType.Directory | 0x1ED, LinkCount = 2 });

    public static PathFacts File(long size) => new(new Attributes { Mode = FileType.Regular | 0x1A4, LinkCount = 1, Size = (ulong)size }, size);

    public async Task<Result<Entry>> FindAsync(string path)
    {
        ulong inode = RootInode;
        Result<Entry> entry = default;
        foreach (string name in path.Split('/'))
        {
            entry = await LookupAsync(default, inode, Encoding.UTF8.GetBytes(name));
            inode = entry.IsOk ? entry.Value.Attributes.Inode : 0;
        }
        return entry;
    }

    public async Task<List<string>> ListAsync(ulong inode = RootInode, int room = int.MaxValue, Action<int>? between = null)
    {
        ulong handle = (await OpenDirectoryAsync(default, inode)).Value.Handle;
        List<string> names = [];
        for (ulong cookie = 0; ;)
        {
            Names page = new(room);
            Errno errno = await ListAsync(default, inode, handle, cookie, page);
            if (errno != Errno.None)
            {
                names.Add(errno.ToString());
                break;
            }
            if (page.Added.Count == 0)
            {
                break;
            }
            names.AddRange(page.Added);
            cookie = page.Cookie;
            between?.Invoke(names.Count);
        }
        await ReleaseDirectoryAsync(default, inode, handle);
        return names;
    }

    public PathNode Make(string name, long size) => Put(base.Root, Encoding.UTF8.GetBytes(name), File(size), isNew: true);

    /// <summary>Makes a file here, which the kernel is told.</summary>
    public Entry Told(string name, long size)
    {
        Source[name] = size;
        return GetEntry(Make(name, size));
    }

    /// <summary>The source says that others have changed something.</summary>
    public void Doubt(string name, bool isOther) => Doubt(base.Root, Encoding.UTF8.GetBytes(name), isOther);

    public new void DoubtAll() => base.DoubtAll();

    public TimeSpan ToldTime
    {
        set => KernelTime = value;
    }

    public async Task<Errno> TryAsync(ulong inode) => (await GetAttributesAsync(default, inode, null)).Errno;

    public void Drop(string name) => Remove(base.Root, Encoding.UTF8.GetBytes(name));

    public void Rename(ulong inode, PathNode directory, string name)
    {
        Assert.True(TryGetNode(inode, out PathNode? node));
        Move(node, directory, Encoding.UTF8.GetBytes(name));
    }

    public bool TryGet(ulong inode, out PathNode node) => TryGetNode(inode, out node!);

    public new void Hold(PathNode node) => base.Hold(node);

    public new void Unhold(PathNode node) => base.Unhold(node);

    protected override async ValueTask<Result<PathFacts>> FindAsync(PathNode directory, ReadOnlyMemory<byte> name, CancellationToken cancellationToken)
    {
        string path = PathOf(directory) + Encoding.UTF8.GetString(name.Span);
        Asked.Enqueue(path);
        Result<PathFacts> answer = Source.TryGetValue(path, out long size) ? size < 0 ? Directory() : File(size) : Errno.ENOENT;
        await Late(path);
        return answer;
    }

    protected override async ValueTask<Errno> ReadDirectoryAsync(PathNode directory, PathListing listing, CancellationToken cancellationToken)
    {
        string path = PathOf(directory);
        Asked.Enqueue(path + "*");
        string[] names = [.. Source.Keys.Where(key => key.StartsWith(path, StringComparison.Ordinal) && !key[path.Length..].Contains('/')).Order(StringComparer.Ordinal)];
        foreach (string name in names)
        {
            long size = Source.GetValueOrDefault(name);
            listing.Add(Encoding.UTF8.GetBytes(name[path.Length..]), size < 0 ? Directory() : File(size));
            listing.Publish();
            await Late(name + "*");
        }
        return Errno.None;
    }

    private static string PathOf(PathNode node) => node.Parent is { } parent ? $"{PathOf(parent)}{Encoding.UTF8.GetString(node.Name.Span)}/" : "";

    private sealed class Names(int room) : DirectoryWriter
    {
        public List<string> Added { get; } = [];

        public ulong Cookie { get; private set; }

        public override bool IncludesLookup => true;

        public override bool TryAdd(ReadOnlySpan<byte> name, ulong nextCookie, in Entry entry)
        {
            if (Added.Count == room)
            {
                return false;
            }
            Added.Add(Encoding.UTF8.GetString(name));
            Cookie = nextCookie;
            return true;
        }
    }
}
