using System.Collections.Concurrent;
using Kaleidofs.Protocol;

namespace Kaleidofs.Tests.Fuzz.Fuse;

/// <summary>
/// A small writable filesystem that watches the engine's side of the contract: what it is given is what the
/// contract says a driver is given, and each handle that it opened is released once. It answers at once, late, or fails.
/// </summary>
internal sealed class WatchedFileSystem : FileSystem
{
    public const ulong SubdirectoryInode = 2;
    public const ulong FileInode = 3;
    public const ulong LinkInode = 4;
    public const int FileSize = 64 << 10;

    /// <summary>What a failure says that is meant to happen.</summary>
    public const string Injected = "injected";

    private const int MaxPayload = 1 << 20;
    private const int Entries = 40;

    private static readonly ReadOnlyMemory<byte> Value = Enumerable.Range(0, 300).Select(i => (byte)(i + 1)).ToArray();

    private readonly ConcurrentDictionary<ulong, ulong> _open = new();
    private readonly ConcurrentQueue<string> _faults = new();
    private ulong _lastHandle = 1000;

    public WatchedFileSystem(FileSystemInfo info) => Info = info;

    public override FileSystemInfo Info { get; }

    /// <summary>What the next answer waits for; null for nothing. It may throw, too.</summary>
    public Func<RequestContext, Task?> Gate { get; set; } = static _ => null;

    /// <summary>Several threads ask, so that a handle may be released while another one uses it: their guest's own fault.</summary>
    public bool IsConcurrent { get; init; }

    /// <summary>What the engine did against the contract.</summary>
    public IReadOnlyCollection<string> Faults => _faults;

    public int OpenHandles => _open.Count;

    public override ValueTask<Result<Entry>> LookupAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name)
    {
        CheckName(name);
        return Answer<Result<Entry>>(context, parent != RootInode ? Errno.ENOTDIR : name.Span switch
        {
            [.. var text] when text.SequenceEqual("dir"u8) => EntryOf(SubdirectoryInode),
            [.. var text] when text.SequenceEqual("file"u8) => EntryOf(FileInode),
            [.. var text] when text.SequenceEqual("link"u8) => EntryOf(LinkInode),
            _ => Errno.ENOENT,
        });
    }

    public override ValueTask<Result<CachedAttributes>> GetAttributesAsync(RequestContext context, ulong inode, ulong? handle)
    {
        if (handle is { } number)
        {
            CheckHandle(inode, number);
        }
        return Answer<Result<CachedAttributes>>(context, inode is > 0 and <= LinkInode ? new CachedAttributes(EntryOf(inode).Attributes, CacheTime.None) : Errno.ESTALE);
    }

    public override ValueTask<Result<ulong>> GetParentAsync(RequestContext context, ulong inode) => Answer<Result<ulong>>(context, RootInode);

    public override ValueTask<Result<ReadOnlyMemory<byte>>> ReadLinkAsync(RequestContext context, ulong inode)
        => Answer<Result<ReadOnlyMemory<byte>>>(context, inode == LinkInode ? Value[..200] : Errno.EINVAL);

    public override ValueTask<Result<OpenedFile>> OpenAsync(RequestContext context, ulong inode, OpenFlags flags) => Open(context, inode);

    public override ValueTask<Result<OpenedFile>> OpenDirectoryAsync(RequestContext context, ulong inode) => Open(context, inode);

    public override ValueTask<Errno> ReleaseAsync(RequestContext context, ulong inode, ulong handle)
    {
        if (!Info.IsStateless && !(_open.TryRemove(handle, out ulong opened) && opened == inode))
        {
            _faults.Enqueue($"handle {handle} of inode {inode} is released, and not open");
        }
        return Answer(context, Errno.None);
    }

    public override ValueTask<Errno> ReleaseDirectoryAsync(RequestContext context, ulong inode, ulong handle) => ReleaseAsync(context, inode, handle);

    public override ValueTask<Errno> FlushAsync(RequestContext context, ulong inode, ulong handle)
    {
        CheckHandle(inode, handle);
        return Answer(context, Errno.None);
    }

    public override ValueTask<Errno> ReadAsync(RequestContext context, ulong inode, ulong handle, long offset, PayloadWriter destination)
    {
        CheckHandle(inode, handle);
        CheckRange(offset, destination.Remaining, MaxPayload * 16);
        return AnswerLater(context, destination, static (writer, at) => writer.WriteZeros((int)Math.Max(0, FileSize - at)), offset);
    }

    public override ValueTask<Errno> ListAsync(RequestContext context, ulong inode, ulong handle, ulong cookie, DirectoryWriter destination)
    {
        CheckHandle(inode, handle);
        return AnswerLater(context, destination, List, (long)Math.Min(cookie, Entries));
    }

    public override ValueTask<Result<ReadOnlyMemory<byte>>> GetExtendedAttributeAsync(RequestContext context, ulong inode, ReadOnlyMemory<byte> name)
    {
        CheckText(name);
        return Answer<Result<ReadOnlyMemory<byte>>>(context, name.Length < 100 ? Value : Errno.ENODATA);
    }

    public override ValueTask<Result<ReadOnlyMemory<byte>>> ListExtendedAttributesAsync(RequestContext context, ulong inode)
        => Answer<Result<ReadOnlyMemory<byte>>>(context, Value);

    public override ValueTask<Result<long>> SeekAsync(RequestContext context, ulong inode, ulong handle, long offset, SeekKind kind)
    {
        CheckHandle(inode, handle);
        CheckRange(offset, 0, 0);
        return Answer<Result<long>>(context, offset < FileSize ? offset : Errno.ENXIO);
    }

    public override ValueTask<Result<CachedAttributes>> SetAttributesAsync(RequestContext context, ulong inode, AttributeChange change)
        => GetAttributesAsync(context, inode, change.Handle);

    public override async ValueTask<Result<CreatedFile>> CreateAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name, uint mode, OpenFlags flags)
    {
        CheckName(name);
        return await CreateUnnamedAsync(context, parent, mode, flags);
    }

    public override async ValueTask<Result<CreatedFile>> CreateUnnamedAsync(RequestContext context, ulong parent, uint mode, OpenFlags flags)
    {
        Result<OpenedFile> opened = await Open(context, FileInode);
        return opened.IsOk ? new CreatedFile(EntryOf(FileInode), opened.Value) : opened.Errno;
    }

    public override ValueTask<Result<Entry>> MakeNodeAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name, uint mode, uint deviceId) => Made(context, name);

    public override ValueTask<Result<Entry>> MakeDirectoryAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name, uint mode) => Made(context, name);

    public override ValueTask<Result<Entry>> MakeSymbolicLinkAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name, ReadOnlyMemory<byte> target)
    {
        CheckText(target);
        return Made(context, name);
    }

    public override ValueTask<Result<Entry>> LinkAsync(RequestContext context, ulong inode, ulong newParent, ReadOnlyMemory<byte> newName) => Made(context, newName);

    public override ValueTask<Errno> UnlinkAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name) => Removed(context, name);

    public override ValueTask<Errno> RemoveDirectoryAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name) => Removed(context, name);

    public override ValueTask<Errno> RenameAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name, ulong newParent, ReadOnlyMemory<byte> newName, RenameOptions options)
    {
        CheckName(newName);
        return Removed(context, name);
    }

    public override ValueTask<Result<int>> WriteAsync(RequestContext context, ulong inode, ulong handle, long offset, PayloadReader source)
    {
        CheckHandle(inode, handle);
        CheckRange(offset, source.Remaining, MaxPayload);
        int length = source.Remaining;
        Span<byte> chunk = stackalloc byte[4096];
        int read = 0;
        for (int count; (count = source.Read(chunk)) > 0;)
        {
            read += count;
        }
        if (read != length)
        {
            _faults.Enqueue($"a payload of {length} bytes had {read}");
        }
        return Answer<Result<int>>(context, read);
    }

    public override ValueTask<Errno> SyncAsync(RequestContext context, ulong inode, ulong handle, bool dataOnly) => FlushAsync(context, inode, handle);

    public override ValueTask<Errno> SyncDirectoryAsync(RequestContext context, ulong inode, ulong handle, bool dataOnly) => FlushAsync(context, inode, handle);

    public override ValueTask<Errno> AllocateAsync(RequestContext context, ulong inode, ulong handle, long offset, long length, uint mode)
    {
        CheckRange(offset, 0, 0);
        CheckRange(length, 0, 0);
        return FlushAsync(context, inode, handle);
    }

    public override ValueTask<Result<long>> CopyRangeAsync(RequestContext context, ulong inode, ulong handle, long offset, ulong toInode, ulong toHandle, long toOffset, long length)
    {
        CheckHandle(inode, handle);
        CheckHandle(toInode, toHandle);
        CheckRange(offset, 0, 0);
        CheckRange(toOffset, 0, 0);
        CheckRange(length, 0, 0);
        return Answer<Result<long>>(context, length);
    }

    public override ValueTask<Errno> SetExtendedAttributeAsync(RequestContext context, ulong inode, ReadOnlyMemory<byte> name, ReadOnlyMemory<byte> value, uint flags)
    {
        CheckText(name);
        if (value.Length > 64 << 10)
        {
            _faults.Enqueue($"a value of {value.Length} bytes");
        }
        return Answer(context, Errno.None);
    }

    public override ValueTask<Errno> RemoveExtendedAttributeAsync(RequestContext context, ulong inode, ReadOnlyMemory<byte> name)
    {
        CheckText(name);
        return Answer(context, Errno.None);
    }

    private static Entry EntryOf(ulong inode) => new()
    {
        Attributes = new Attributes
        {
            Inode = inode,
            Mode = inode switch { FileInode => FileType.Regular, LinkInode => FileType.SymbolicLink, _ => FileType.Directory } | 0x1A4,
            Size = inode == FileInode ? (ulong)FileSize : 0,
            LinkCount = 1,
        },
    };

    private static void List(DirectoryWriter writer, long from)
    {
        for (int i = (int)from; i < Entries && writer.TryAdd(Value.Span.Slice(100, i + 1), (ulong)i + 1, EntryOf(FileInode)); i++)
        {
        }
    }

    private ValueTask<Result<OpenedFile>> Open(RequestContext context, ulong inode)
    {
        Task? gate = Gate(context);
        return gate is null ? new(Opened(inode)) : OpenLaterAsync(gate, inode);
    }

    private async ValueTask<Result<OpenedFile>> OpenLaterAsync(Task gate, ulong inode)
    {
        await gate;
        return Opened(inode);
    }

    private Result<OpenedFile> Opened(ulong inode)
    {
        if (inode is 0 or > LinkInode)
        {
            return Errno.ESTALE;
        }
        if (Info.IsStateless)
        {
            return new OpenedFile(0);
        }
        ulong handle = Interlocked.Increment(ref _lastHandle);
        _open[handle] = inode;
        return new OpenedFile(handle);
    }

    private ValueTask<Result<Entry>> Made(RequestContext context, ReadOnlyMemory<byte> name)
    {
        CheckName(name);
        return Answer<Result<Entry>>(context, EntryOf(FileInode));
    }

    private ValueTask<Errno> Removed(RequestContext context, ReadOnlyMemory<byte> name)
    {
        CheckName(name);
        return Answer(context, Errno.None);
    }

    private ValueTask<T> Answer<T>(RequestContext context, T value)
    {
        Task? gate = Gate(context);
        return gate is null ? new(value) : AnswerAfterAsync(gate, value);
    }

    private static async ValueTask<T> AnswerAfterAsync<T>(Task gate, T value)
    {
        await gate;
        return value;
    }

    private ValueTask<Errno> AnswerLater<T>(RequestContext context, T destination, Action<T, long> write, long from)
    {
        Task? gate = Gate(context);
        if (gate is not null)
        {
            return WriteAfterAsync(gate, destination, write, from);
        }
        write(destination, from);
        return default;
    }

    private static async ValueTask<Errno> WriteAfterAsync<T>(Task gate, T destination, Action<T, long> write, long from)
    {
        await gate;
        write(destination, from);
        return Errno.None;
    }

    private void CheckHandle(ulong inode, ulong handle)
    {
        if (!Info.IsStateless && !IsConcurrent && !(_open.TryGetValue(handle, out ulong opened) && opened == inode))
        {
            _faults.Enqueue($"handle {handle} of inode {inode} is used, and not open");
        }
    }

    private void CheckRange(long offset, int length, int limit)
    {
        if (offset < 0 || length < 0 || length > limit || offset > long.MaxValue - length)
        {
            _faults.Enqueue($"{length} bytes at {offset}");
        }
    }

    private void CheckName(ReadOnlyMemory<byte> name)
    {
        ReadOnlySpan<byte> text = name.Span;
        if (text.Length is 0 or > MaxNameLength || text.ContainsAny((byte)0, (byte)'/') || NameParser.IsDots(text))
        {
            _faults.Enqueue($"the name '{Convert.ToHexString(text)}'");
        }
    }

    private void CheckText(ReadOnlyMemory<byte> text)
    {
        if (text.Span.Contains((byte)0) || text.Length > NameParser.MaxStringLength)
        {
            _faults.Enqueue($"a text of {text.Length} bytes '{Convert.ToHexString(text.Span[..Math.Min(text.Length, 100)])}'");
        }
    }
}
