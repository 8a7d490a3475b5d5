using System.Text;

namespace Kaleidofs.Tests.Servers.S3;

/// <summary>An open bucket, used by path through the filesystem contract, as a kernel would.</summary>
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

    public ValueTask DisposeAsync() => fileSystem.DisposeAsync();
}
