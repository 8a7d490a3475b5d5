using System.Collections.Concurrent;
using System.Text;

namespace Kaleidofs.Tests.Support.Memory;

/// <summary>
/// The contract's third shape: a writable source that changes and answers late. Each answer waits for
/// <see cref="Gate"/>; handles and lookups are counted.
/// </summary>
internal sealed class RemoteFileSystem : FileSystem
{
    private readonly ConcurrentDictionary<ulong, Node> _nodes = new();
    private readonly ConcurrentDictionary<ulong, ulong> _open = new();
    private ulong _lastInode = RootInode;
    private ulong _lastHandle = 100;

    public RemoteFileSystem() => _nodes[RootInode] = new Node(FileType.Directory | 0x1ED);

    public override FileSystemInfo Info { get; } = new() { IsReadOnly = false };

    /// <summary>What every answer waits for; completed by default.</summary>
    public Func<CancellationToken, Task> Gate { get; set; } = static _ => Task.CompletedTask;

    public ConcurrentDictionary<ulong, long> Forgotten { get; } = new();

    public int OpenHandles => _open.Count;

    public List<string> Calls { get; } = [];

    /// <summary>Who removed the last name.</summary>
    public uint LastCaller { get; private set; }

    public ulong AddFile(string name, byte[] content)
    {
        ulong inode = Interlocked.Increment(ref _lastInode);
        _nodes[inode] = new Node(FileType.Regular | 0x1A4) { Content = content };
        _nodes[RootInode].Children[name] = inode;
        return inode;
    }

    public byte[] ContentOf(string name) => _nodes[_nodes[RootInode].Children[name]].Content;

    public override async ValueTask<Result<Entry>> LookupAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name)
    {
        string text = Encoding.UTF8.GetString(name.Span);
        await Gate(context.CancellationToken);
        return _nodes.TryGetValue(parent, out Node? node) && node.Children.TryGetValue(text, out ulong inode) ? EntryOf(inode) : Errno.ENOENT;
    }

    public override void Forget(ulong inode, ulong count) => Forgotten.AddOrUpdate(inode, (long)count, (_, before) => before + (long)count);

    public override async ValueTask<Result<CachedAttributes>> GetAttributesAsync(RequestContext context, ulong inode, ulong? handle)
    {
        await Gate(context.CancellationToken);
        return _nodes.ContainsKey(inode) ? new CachedAttributes(EntryOf(inode).Attributes, CacheTime.None) : Errno.ESTALE;
    }

    public override async ValueTask<Result<OpenedFile>> OpenAsync(RequestContext context, ulong inode, OpenFlags flags)
    {
        await Gate(context.CancellationToken);
        ulong handle = Interlocked.Increment(ref _lastHandle);
        _open[handle] = inode;
        return new OpenedFile(handle);
    }

    public override ValueTask<Result<OpenedFile>> OpenDirectoryAsync(RequestContext context, ulong inode) => OpenAsync(context, inode, OpenFlags.ReadOnly);

    public override ValueTask<Errno> ReleaseAsync(RequestContext context, ulong inode, ulong handle)
        => new(_open.TryRemove(handle, out ulong opened) && opened == inode ? Errno.None : Errno.EBADF);

    public override ValueTask<Errno> ReleaseDirectoryAsync(RequestContext context, ulong inode, ulong handle) => ReleaseAsync(context, inode, handle);

    public override async ValueTask<Errno> ReadAsync(RequestContext context, ulong inode, ulong handle, long offset, PayloadWriter destination)
    {
        await Gate(context.CancellationToken);
        byte[] content = _nodes[inode].Content;
        if (offset < content.Length)
        {
            destination.Write(content.AsSpan((int)offset));
        }
        return Errno.None;
    }

    public override async ValueTask<Errno> ListAsync(RequestContext context, ulong inode, ulong handle, ulong cookie, DirectoryWriter destination)
    {
        await Gate(context.CancellationToken);
        foreach ((string name, ulong child) in _nodes[inode].Children.Where(pair => pair.Value > cookie).OrderBy(pair => pair.Value))
        {
            if (!destination.TryAdd(Encoding.UTF8.GetBytes(name), child, EntryOf(child)))
            {
                break;
            }
        }
        return Errno.None;
    }

    public override async ValueTask<Result<CreatedFile>> CreateAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name, uint mode, OpenFlags flags)
    {
        Note($"create {Encoding.UTF8.GetString(name.Span)} {mode:x}");
        ulong inode = AddFile(Encoding.UTF8.GetString(name.Span), []);
        Result<OpenedFile> opened = await OpenAsync(context, inode, flags);
        return new CreatedFile(EntryOf(inode), opened.Value);
    }

    public override async ValueTask<Result<int>> WriteAsync(RequestContext context, ulong inode, ulong handle, long offset, PayloadReader source)
    {
        await Gate(context.CancellationToken);
        Node node = _nodes[inode];
        byte[] bytes = new byte[source.Remaining];
        source.Read(bytes);
        byte[] content = node.Content;
        Array.Resize(ref content, Math.Max(content.Length, (int)offset + bytes.Length));
        bytes.CopyTo(content, (int)offset);
        node.Content = content;
        return bytes.Length;
    }

    public override ValueTask<Result<CachedAttributes>> SetAttributesAsync(RequestContext context, ulong inode, AttributeChange change)
    {
        Note($"setattr {inode} mode={change.Mode} uid={change.UserId} size={change.Size} mtime={change.ModificationTime?.Seconds}");
        return GetAttributesAsync(context, inode, change.Handle);
    }

    public override ValueTask<Result<Entry>> MakeDirectoryAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name, uint mode) => Made($"mkdir {Text(name)}");

    public override ValueTask<Result<Entry>> MakeNodeAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name, uint mode, uint deviceId) => Made($"mknod {Text(name)} {deviceId}");

    public override ValueTask<Result<Entry>> MakeSymbolicLinkAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name, ReadOnlyMemory<byte> target) => Made($"symlink {Text(name)} -> {Text(target)}");

    public override ValueTask<Result<Entry>> LinkAsync(RequestContext context, ulong inode, ulong newParent, ReadOnlyMemory<byte> newName) => Made($"link {inode} {Text(newName)}");

    public override ValueTask<Errno> UnlinkAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name)
    {
        LastCaller = context.UserId;
        return Done($"unlink {Text(name)}");
    }

    public override ValueTask<Errno> RemoveDirectoryAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name) => Done($"rmdir {Text(name)}");

    public override ValueTask<Errno> RenameAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name, ulong newParent, ReadOnlyMemory<byte> newName, RenameOptions options) => Done($"rename {Text(name)} {newParent} {Text(newName)} {options}");

    public override async ValueTask<Errno> SetExtendedAttributeAsync(RequestContext context, ulong inode, ReadOnlyMemory<byte> name, ReadOnlyMemory<byte> value, uint flags)
    {
        await Gate(context.CancellationToken);
        return await Done($"setxattr {Text(name)}={Text(value)} {flags}");
    }

    public override ValueTask<Errno> RemoveExtendedAttributeAsync(RequestContext context, ulong inode, ReadOnlyMemory<byte> name) => Done($"removexattr {Text(name)}");

    public override ValueTask<Errno> AllocateAsync(RequestContext context, ulong inode, ulong handle, long offset, long length, uint mode) => Done($"fallocate {offset} {length} {mode}");

    public override ValueTask<Result<long>> CopyRangeAsync(RequestContext context, ulong inode, ulong handle, long offset, ulong toInode, ulong toHandle, long toOffset, long length)
    {
        Note($"copy {offset} {toOffset} {length}");
        return new(length);
    }

    public override ValueTask<Errno> SyncAsync(RequestContext context, ulong inode, ulong handle, bool dataOnly) => Done($"fsync {dataOnly}");

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    private ValueTask<Result<Entry>> Made(string call)
    {
        Note(call);
        return new(EntryOf(RootInode));
    }

    private ValueTask<Errno> Done(string call)
    {
        Note(call);
        return default;
    }

    private void Note(string call)
    {
        lock (Calls)
        {
            Calls.Add(call);
        }
    }

    private Entry EntryOf(ulong inode) => new()
    {
        Attributes = new Attributes { Inode = inode, Mode = _nodes[inode].Mode, Size = (ulong)_nodes[inode].Content.Length, LinkCount = 1 },
        NameTime = CacheTime.FromSeconds(1),
        AttributeTime = CacheTime.FromSeconds(1),
    };

    private sealed class Node(uint mode)
    {
        public uint Mode { get; } = mode;

        public byte[] Content { get; set; } = [];

        public ConcurrentDictionary<string, ulong> Children { get; } = new();
    }
}
