using System.Text;
using Kaleidofs.Host.Linux;
using Kaleidofs.Tests.Support.Memory;
using Kaleidofs.Transforms.Overlay;

namespace Kaleidofs.Tests.Unit.Transforms.Overlay;

/// <summary>An overlay, by paths.</summary>
internal sealed class OverlaidTree(OverlayFileSystem fileSystem, RecordingLog log) : IAsyncDisposable
{
    private static readonly RequestContext Caller = new(11, 12, 13);

    public OverlayFileSystem FileSystem => fileSystem;

    public RecordingLog Log => log;

    public static async Task<OverlaidTree> OpenAsync(string directory, string identity = "pattern:1", int? maxChangedInodes = null)
    {
        RecordingLog log = new();
        OverlaySettings settings = new() { Directory = directory, Source = "test:", Files = new DiskReader(), Writer = new DiskWriter(), Log = log };
        settings = settings with { MaxChangedInodes = maxChangedInodes ?? settings.MaxChangedInodes };
        PatternTree lower = PatternTree.Make(identity);
        return new OverlaidTree(await OverlayFileSystem.OpenAsync(lower, settings), log);
    }

    public async Task<Result<Attributes>> FindAsync(string path)
    {
        ulong inode = Kaleidofs.FileSystem.RootInode;
        Attributes attributes = (await fileSystem.GetAttributesAsync(Caller, inode, null)).Value.Attributes;
        foreach (string name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            Result<Entry> found = await fileSystem.LookupAsync(Caller, inode, Encoding.UTF8.GetBytes(name));
            if (!found.IsOk || found.Value.Attributes.Inode == 0)
            {
                return found.IsOk ? Errno.ENOENT : found.Errno;
            }
            attributes = found.Value.Attributes;
            inode = attributes.Inode;
        }
        return attributes;
    }

    public async Task<ulong> InodeAsync(string path)
    {
        Result<Attributes> found = await FindAsync(path);
        Assert.True(found.IsOk, $"{path}: {found.Errno}");
        return found.Value.Inode;
    }

    public async Task<List<(string Name, Entry Entry)>> ListAsync(string path, int room = 3)
    {
        ulong inode = await InodeAsync(path);
        ulong handle = (await fileSystem.OpenDirectoryAsync(Caller, inode)).Value.Handle;
        List<(string Name, Entry Entry)> all = [];
        ListedNames piece = new(0);
        do
        {
            ulong cookie = piece.Cookie;
            piece = new ListedNames(room);
            Assert.Equal(Errno.None, await fileSystem.ListAsync(Caller, inode, handle, cookie, piece));
            all.AddRange(piece.All);
        }
        while (piece.All.Count > 0);
        Assert.Equal(Errno.None, await fileSystem.ReleaseDirectoryAsync(Caller, inode, handle));
        return all;
    }

    public async Task<byte[]> ReadAsync(string path)
    {
        ulong inode = await InodeAsync(path);
        Result<OpenedFile> opened = await fileSystem.OpenAsync(Caller, inode, OpenFlags.ReadOnly);
        Assert.True(opened.IsOk, $"{path}: {opened.Errno}");
        byte[] content = await ReadAsync(inode, opened.Value.Handle);
        Assert.Equal(Errno.None, await fileSystem.ReleaseAsync(Caller, inode, opened.Value.Handle));
        return content;
    }

    public async Task<byte[]> ReadAsync(ulong inode, ulong handle)
    {
        ArrayPayloadWriter content = new(1 << 20);
        Assert.Equal(Errno.None, await fileSystem.ReadAsync(Caller, inode, handle, 0, content));
        return content.Content.ToArray();
    }

    public async Task<Errno> CreateAsync(string path)
    {
        (ulong parent, byte[] name) = await SplitAsync(path);
        Result<CreatedFile> made = await fileSystem.CreateAsync(Caller, parent, name, 0x1A4, OpenFlags.ReadWrite | OpenFlags.Exclusive);
        return made.IsOk ? await fileSystem.ReleaseAsync(Caller, made.Value.Entry.Attributes.Inode, made.Value.File.Handle) : made.Errno;
    }

    public async Task<CreatedFile> CreateUnnamedAsync(string directory)
    {
        Result<CreatedFile> made = await fileSystem.CreateUnnamedAsync(Caller, await InodeAsync(directory), 0x1A4, OpenFlags.ReadWrite);
        Assert.Equal(Errno.None, made.Errno);
        return made.Value;
    }

    public async Task WriteAsync(string path, long offset, byte[] content, bool sync = false)
    {
        ulong inode = await InodeAsync(path);
        ulong handle = (await fileSystem.OpenAsync(Caller, inode, OpenFlags.ReadWrite)).Value.Handle;
        Result<int> written = await fileSystem.WriteAsync(Caller, inode, handle, offset, new ArrayReader(content));
        Assert.Equal((Errno.None, content.Length), (written.Errno, written.Value));
        Assert.Equal(Errno.None, sync ? await fileSystem.SyncAsync(Caller, inode, handle, false) : Errno.None);
        Assert.Equal(Errno.None, await fileSystem.ReleaseAsync(Caller, inode, handle));
    }

    public async Task<Errno> ChangeAsync(string path, AttributeChange change)
        => (await fileSystem.SetAttributesAsync(Caller, await InodeAsync(path), change)).Errno;

    public async Task<Errno> MakeDirectoryAsync(string path)
    {
        (ulong parent, byte[] name) = await SplitAsync(path);
        return (await fileSystem.MakeDirectoryAsync(Caller, parent, name, 0x1C0)).Errno;
    }

    public async Task<Errno> SymbolicLinkAsync(string path, string target)
    {
        (ulong parent, byte[] name) = await SplitAsync(path);
        return (await fileSystem.MakeSymbolicLinkAsync(Caller, parent, name, Encoding.UTF8.GetBytes(target))).Errno;
    }

    public async Task<Errno> LinkAsync(string path, string newPath) => await LinkAsync(await InodeAsync(path), newPath);

    public async Task<Errno> LinkAsync(ulong inode, string newPath)
    {
        (ulong parent, byte[] name) = await SplitAsync(newPath);
        return (await fileSystem.LinkAsync(Caller, inode, parent, name)).Errno;
    }

    public async Task<Errno> UnlinkAsync(string path)
    {
        (ulong parent, byte[] name) = await SplitAsync(path);
        return await fileSystem.UnlinkAsync(Caller, parent, name);
    }

    public async Task<Errno> RemoveDirectoryAsync(string path)
    {
        (ulong parent, byte[] name) = await SplitAsync(path);
        return await fileSystem.RemoveDirectoryAsync(Caller, parent, name);
    }

    public async Task<Errno> RenameAsync(string path, string newPath, RenameOptions options = RenameOptions.None)
    {
        (ulong parent, byte[] name) = await SplitAsync(path);
        (ulong newParent, byte[] newName) = await SplitAsync(newPath);
        return await fileSystem.RenameAsync(Caller, parent, name, newParent, newName, options);
    }

    public ValueTask DisposeAsync() => fileSystem.DisposeAsync();

    private async Task<(ulong Parent, byte[] Name)> SplitAsync(string path)
    {
        int slash = path.LastIndexOf('/');
        return (await InodeAsync(slash < 0 ? "" : path[..slash]), Encoding.UTF8.GetBytes(path[(slash + 1)..]));
    }
}
