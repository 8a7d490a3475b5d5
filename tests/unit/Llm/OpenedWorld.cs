using System.Text;
using Kaleidofs.Caching;
using Kaleidofs.Drivers.Llm;
using Kaleidofs.Host.Linux;
using Kaleidofs.Tests.Support.Memory;
using Kaleidofs.Tests.Unit.Transforms.Overlay;

namespace Kaleidofs.Tests.Unit.Llm;

/// <summary>A world, opened as the host opens it, and used by paths.</summary>
internal sealed class OpenedWorld : IAsyncDisposable
{
    private static readonly RequestContext Caller = new(0, 0, 1);

    private OpenedWorld(FileSystem fileSystem) => FileSystem = fileSystem;

    public FileSystem FileSystem { get; }

    /// <summary>Opens one that is kept in a folder.</summary>
    /// <param name="folder">Where worlds are kept.</param>
    /// <param name="source">The premise, or a path.</param>
    /// <param name="log">Keeps what is said.</param>
    /// <param name="driver">The driver, if several shares are to have one.</param>
    /// <param name="options">Options, as <c>name=value</c>.</param>
    public static async Task<OpenedWorld> OpenAsync(string folder, string source = "a 1998 university FTP server", RecordingLog? log = null, LlmDriver? driver = null, params string[] options)
    {
        Dictionary<string, string> all = options.Select(option => option.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair.ElementAtOrDefault(1) ?? "");
        all.TryAdd("worlds", folder);
        DriverContext context = new()
        {
            Source = source,
            Scheme = "llm",
            Options = all,
            Cache = new ContentCache(),
            Files = new DiskReader(),
            Log = log ?? new RecordingLog(),
        };
        return new OpenedWorld(await (driver ?? new LlmDriver()).OpenAsync(context, CancellationToken.None));
    }

    public async Task<Result<Entry>> FindAsync(string path)
    {
        Result<CachedAttributes> root = await FileSystem.GetAttributesAsync(Caller, FileSystem.RootInode, null);
        Result<Entry> found = new Entry { Attributes = root.Value.Attributes };
        foreach (string name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            found = await FileSystem.LookupAsync(Caller, found.Value.Attributes.Inode, Encoding.UTF8.GetBytes(name));
            if (!found.IsOk)
            {
                return found;
            }
        }
        return found;
    }

    public async Task<ulong> GetInodeAsync(string path)
    {
        Result<Entry> found = await FindAsync(path);
        Assert.True(found.IsOk, $"{path}: {found.Errno}");
        return found.Value.Attributes.Inode;
    }

    public async Task<Attributes> StatAsync(string path)
    {
        Result<CachedAttributes> found = await FileSystem.GetAttributesAsync(Caller, await GetInodeAsync(path), null);
        Assert.Equal(Errno.None, found.Errno);
        return found.Value.Attributes;
    }

    public async Task<Result<List<(string Name, Attributes Attributes)>>> TryListAsync(string path)
    {
        Result<Entry> directory = await FindAsync(path);
        if (!directory.IsOk)
        {
            return directory.Errno;
        }
        ulong inode = directory.Value.Attributes.Inode;
        Result<OpenedFile> opened = await FileSystem.OpenDirectoryAsync(Caller, inode);
        if (!opened.IsOk)
        {
            return opened.Errno;
        }
        Collector collector = new();
        int before;
        do
        {
            before = collector.Entries.Count;
            Errno errno = await FileSystem.ListAsync(Caller, inode, opened.Value.Handle, collector.Cookie, collector);
            if (errno != Errno.None)
            {
                return errno;
            }
        }
        while (collector.Entries.Count > before);
        return collector.Entries;
    }

    public async Task<List<string>> ListAsync(string path)
    {
        Result<List<(string Name, Attributes)>> listed = await TryListAsync(path);
        Assert.True(listed.IsOk, $"{path}: {listed.Errno}");
        return [.. listed.Value.Select(entry => entry.Name)];
    }

    public async Task<Result<byte[]>> TryReadAsync(string path)
    {
        Result<Entry> file = await FindAsync(path);
        return file.IsOk ? await TryReadAsync(file.Value.Attributes.Inode) : file.Errno;
    }

    public async Task<Result<byte[]>> TryReadAsync(ulong inode)
    {
        Result<OpenedFile> opened = await FileSystem.OpenAsync(Caller, inode, OpenFlags.ReadOnly);
        if (!opened.IsOk)
        {
            return opened.Errno;
        }
        using MemoryStream content = new();
        ArrayPayloadWriter payload = new(1000);
        Errno errno;
        do
        {
            payload.Clear();
            errno = await FileSystem.ReadAsync(Caller, inode, opened.Value.Handle, content.Length, payload);
            content.Write(payload.Content.Span);
        }
        while (errno == Errno.None && payload.Written > 0);
        await FileSystem.ReleaseAsync(Caller, inode, opened.Value.Handle);
        return errno == Errno.None ? content.ToArray() : errno;
    }

    public async Task<string> ReadAsync(string path)
    {
        Result<byte[]> content = await TryReadAsync(path);
        Assert.True(content.IsOk, $"{path}: {content.Errno} {await GetAttributeAsync(path, "error")}");
        return Encoding.UTF8.GetString(content.Value);
    }

    public async Task<string?> GetAttributeAsync(string path, string name)
    {
        Result<Entry> found = await FindAsync(path);
        if (!found.IsOk)
        {
            return null;
        }
        Result<ReadOnlyMemory<byte>> value = await FileSystem.GetExtendedAttributeAsync(Caller, found.Value.Attributes.Inode, Encoding.UTF8.GetBytes("user.llm." + name));
        return value.IsOk ? Encoding.UTF8.GetString(value.Value.Span) : null;
    }

    public async Task<Errno> PromptAsync(string path, string prompt)
        => await FileSystem.SetExtendedAttributeAsync(Caller, await GetInodeAsync(path), "user.llm.prompt"u8.ToArray(), Encoding.UTF8.GetBytes(prompt), 0);

    /// <summary>Writes a file anew, as <c>echo text > path</c> does.</summary>
    public async Task<Errno> WriteAsync(string path, string text, long offset = 0, bool truncates = true)
    {
        (ulong parent, byte[] name) = await SplitAsync(path);
        Result<CreatedFile> created = await FileSystem.CreateAsync(Caller, parent, name, 0x1A4, OpenFlags.Create | OpenFlags.WriteOnly | (truncates ? OpenFlags.Truncate : 0));
        if (!created.IsOk)
        {
            return created.Errno;
        }
        ulong inode = created.Value.Entry.Attributes.Inode;
        Result<int> written = await FileSystem.WriteAsync(Caller, inode, created.Value.File.Handle, offset, new ArrayReader(Encoding.UTF8.GetBytes(text)));
        await FileSystem.ReleaseAsync(Caller, inode, created.Value.File.Handle);
        return written.Errno;
    }

    public async Task<Errno> MakeDirectoryAsync(string path)
    {
        (ulong parent, byte[] name) = await SplitAsync(path);
        return (await FileSystem.MakeDirectoryAsync(Caller, parent, name, 0x1ED)).Errno;
    }

    public async Task<Errno> RemoveAsync(string path)
    {
        (ulong parent, byte[] name) = await SplitAsync(path);
        Errno errno = await FileSystem.UnlinkAsync(Caller, parent, name);
        return errno == Errno.EISDIR ? await FileSystem.RemoveDirectoryAsync(Caller, parent, name) : errno;
    }

    public async Task<Errno> RenameAsync(string path, string newPath, RenameOptions options = RenameOptions.None)
    {
        (ulong parent, byte[] name) = await SplitAsync(path);
        (ulong newParent, byte[] newName) = await SplitAsync(newPath);
        return await FileSystem.RenameAsync(Caller, parent, name, newParent, newName, options);
    }

    /// <summary>All of it: a line for each entry, with inode, mode, time, size and content.</summary>
    public async Task<List<string>> ReadAllAsync(string path = "")
    {
        List<string> lines = [];
        foreach (string name in await ListAsync(path))
        {
            string child = $"{path}/{name}";
            Attributes attributes = await StatAsync(child);
            if (attributes.IsDirectory)
            {
                lines.Add($"{child} {attributes.Inode} {attributes.Mode:x} {attributes.ModificationTime}");
                lines.AddRange(await ReadAllAsync(child));
            }
            else
            {
                string content = await ReadAsync(child);
                attributes = await StatAsync(child);
                lines.Add($"{child} {attributes.Inode} {attributes.Mode:x} {attributes.ModificationTime} {attributes.Size} {content}");
            }
        }
        return lines;
    }

    public ValueTask DisposeAsync() => FileSystem.DisposeAsync();

    private async Task<(ulong Parent, byte[] Name)> SplitAsync(string path)
    {
        int slash = path.LastIndexOf('/');
        return (await GetInodeAsync(slash <= 0 ? "" : path[..slash]), Encoding.UTF8.GetBytes(path[(slash + 1)..]));
    }

    private sealed class Collector : DirectoryWriter
    {
        public List<(string Name, Attributes Attributes)> Entries { get; } = [];

        public ulong Cookie { get; private set; }

        public override bool IncludesLookup => true;

        public override bool TryAdd(ReadOnlySpan<byte> name, ulong nextCookie, in Entry entry)
        {
            Entries.Add((Encoding.UTF8.GetString(name), entry.Attributes));
            Cookie = nextCookie;
            // Ever so few at a time.
            return Entries.Count % 3 != 0;
        }
    }
}
