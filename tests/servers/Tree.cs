using System.Text;

namespace Kaleidofs.Tests.Servers;

/// <summary>An open source, used by path through the filesystem contract, as a kernel would.</summary>
internal sealed class Tree(FileSystem fileSystem) : IAsyncDisposable
{
    public FileSystem FileSystem => fileSystem;

    public async Task<Attributes> FindAsync(string path)
    {
        Attributes attributes = (await fileSystem.GetAttributesAsync(default, FileSystem.RootInode, null)).Value.Attributes;
        foreach (string name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            Result<Entry> result = await fileSystem.LookupAsync(default, attributes.Inode, Encoding.UTF8.GetBytes(name));
            if (result.Errno == Errno.ENOENT)
            {
                return default;
            }
            Assert.Equal(Errno.None, result.Errno);
            attributes = result.Value.Attributes;
            if (attributes.Inode == 0)
            {
                break;
            }
        }
        return attributes;
    }

    public async Task<ulong> GetInodeAsync(string path) => (await FindAsync(path)).Inode is > 0 and var inode ? inode : throw new FileNotFoundException(path);

    /// <summary>A directory's names and types, as ls -F shows them, in order.</summary>
    public async Task<List<string>> ListAsync(string path = "")
    {
        ulong inode = await GetInodeAsync(path);
        ulong handle = (await fileSystem.OpenDirectoryAsync(default, inode)).Value.Handle;
        Host.Cli.EntryCollector all = new();
        int before;
        do
        {
            before = all.Entries.Count;
            Assert.Equal(Errno.None, await fileSystem.ListAsync(default, inode, handle, all.Cookie, all));
        }
        while (all.Entries.Count > before);
        await fileSystem.ReleaseDirectoryAsync(default, inode, handle);
        return [.. all.Entries.Select(entry => Encoding.UTF8.GetString(entry.Name) + (entry.Attributes.IsDirectory ? "/" : entry.Attributes.IsSymbolicLink ? "@" : "")).Order(StringComparer.Ordinal)];
    }

    /// <summary>The paths of all files.</summary>
    public async Task<List<string>> WalkAsync(string path = "")
    {
        List<string> files = [];
        foreach (string name in await ListAsync(path))
        {
            if (name.EndsWith('/'))
            {
                files.AddRange(await WalkAsync(path + name));
            }
            else
            {
                files.Add(path + name.TrimEnd('@'));
            }
        }
        return files;
    }

    public async Task<ulong> OpenAsync(string path, OpenFlags flags = OpenFlags.ReadOnly)
    {
        Result<OpenedFile> opened = await fileSystem.OpenAsync(default, await GetInodeAsync(path), flags);
        Assert.Equal(Errno.None, opened.Errno);
        return opened.Value.Handle;
    }

    public async Task<(Errno Errno, byte[] Content)> ReadAsync(string path, ulong handle, long offset, int count)
    {
        ArrayPayloadWriter content = new(count);
        Errno errno = await fileSystem.ReadAsync(default, await GetInodeAsync(path), handle, offset, content);
        return (errno, content.Content.ToArray());
    }

    public async Task<byte[]> ReadAllAsync(string path, int step = 128 << 10)
    {
        ulong inode = await GetInodeAsync(path);
        ulong handle = (await fileSystem.OpenAsync(default, inode, OpenFlags.ReadOnly)).Value.Handle;
        using MemoryStream all = new();
        ArrayPayloadWriter content = new(step);
        do
        {
            content.Clear();
            Assert.Equal(Errno.None, await fileSystem.ReadAsync(default, inode, handle, all.Length, content));
            all.Write(content.Content.Span);
        }
        while (content.Content.Length == step);
        Assert.Equal(Errno.None, await fileSystem.ReleaseAsync(default, inode, handle));
        return all.ToArray();
    }

    public async Task<string> ReadTextAsync(string path) => Encoding.UTF8.GetString(await ReadAllAsync(path));

    /// <summary>Creates or opens a file, as open(2) does: looks first.</summary>
    public async Task<(Errno Errno, ulong Inode, ulong Handle)> TryCreateAsync(string path, OpenFlags flags = OpenFlags.ReadWrite | OpenFlags.Create, uint mode = 0x1A4)
    {
        (ulong parent, byte[] name) = await SplitAsync(path);
        Result<CreatedFile> created = await fileSystem.CreateAsync(new RequestContext(1000, 1001, 1), parent, name, FileType.Regular | mode, flags);
        return (created.Errno, created.Value.Entry.Attributes.Inode, created.Value.File.Handle);
    }

    public async Task<(ulong Inode, ulong Handle)> CreateAsync(string path, OpenFlags flags = OpenFlags.ReadWrite | OpenFlags.Create)
    {
        (Errno errno, ulong inode, ulong handle) = await TryCreateAsync(path, flags);
        Assert.Equal(Errno.None, errno);
        return (inode, handle);
    }

    public async Task WriteAsync((ulong Inode, ulong Handle) file, long offset, ReadOnlyMemory<byte> content)
    {
        Result<int> written = await fileSystem.WriteAsync(default, file.Inode, file.Handle, offset, new BytesReader(content));
        Assert.Equal((Errno.None, content.Length), (written.Errno, written.Value));
    }

    public Task WriteAsync((ulong Inode, ulong Handle) file, long offset, string content) => WriteAsync(file, offset, Encoding.UTF8.GetBytes(content));

    /// <summary>Closes a file; what close(2) returns.</summary>
    public async Task<Errno> CloseAsync((ulong Inode, ulong Handle) file)
    {
        Errno errno = await fileSystem.FlushAsync(default, file.Inode, file.Handle);
        await fileSystem.ReleaseAsync(default, file.Inode, file.Handle);
        return errno;
    }

    public async Task PutAsync(string path, ReadOnlyMemory<byte> content)
    {
        (ulong Inode, ulong Handle) file = await CreateAsync(path, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Truncate);
        for (int offset = 0; offset < content.Length; offset += 1 << 20)
        {
            await WriteAsync(file, offset, content.Slice(offset, Math.Min(1 << 20, content.Length - offset)));
        }
        Assert.Equal(Errno.None, await CloseAsync(file));
    }

    public Task PutAsync(string path, string content) => PutAsync(path, Encoding.UTF8.GetBytes(content));

    public async Task<Errno> MakeDirectoryAsync(string path, uint mode = 0x1ED)
    {
        (ulong parent, byte[] name) = await SplitAsync(path);
        return (await fileSystem.MakeDirectoryAsync(new RequestContext(1000, 1001, 1), parent, name, mode)).Errno;
    }

    public async Task<Errno> LinkAsync(string path, string target)
    {
        (ulong parent, byte[] name) = await SplitAsync(path);
        return (await fileSystem.MakeSymbolicLinkAsync(default, parent, name, Encoding.UTF8.GetBytes(target))).Errno;
    }

    public async Task<Errno> RemoveAsync(string path, bool isDirectory = false)
    {
        (ulong parent, byte[] name) = await SplitAsync(path);
        return await (isDirectory ? fileSystem.RemoveDirectoryAsync(default, parent, name) : fileSystem.UnlinkAsync(default, parent, name));
    }

    public async Task<Errno> RenameAsync(string path, string newPath, RenameOptions options = RenameOptions.None)
    {
        (ulong parent, byte[] name) = await SplitAsync(path);
        (ulong newParent, byte[] newName) = await SplitAsync(newPath);
        return await fileSystem.RenameAsync(default, parent, name, newParent, newName, options);
    }

    public async Task<Errno> ChangeAsync(string path, AttributeChange change) => (await fileSystem.SetAttributesAsync(default, await GetInodeAsync(path), change)).Errno;

    private async Task<(ulong Parent, byte[] Name)> SplitAsync(string path)
    {
        int slash = path.LastIndexOf('/');
        return (await GetInodeAsync(slash < 0 ? "" : path[..slash]), Encoding.UTF8.GetBytes(path[(slash + 1)..]));
    }

    public ValueTask DisposeAsync() => fileSystem.DisposeAsync();

    /// <summary>What a guest writes.</summary>
    private sealed class BytesReader(ReadOnlyMemory<byte> content) : PayloadReader
    {
        private int _at;

        public override int Remaining => content.Length - _at;

        public override ReadOnlySpan<byte> GetSpan() => content.Span[_at..];

        public override ReadOnlyMemory<byte> GetMemory() => content[_at..];

        public override void Advance(int count) => _at += count;
    }
}
