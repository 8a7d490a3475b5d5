using System.Buffers.Text;

namespace Kaleidofs.Drivers.Null;

/// <summary>Root 1, /data 2, /entries 3, and the i-th file of /entries 4 + i, named "e" and eight digits or more.</summary>
internal sealed class NullFileSystem(ulong size, uint entryCount) : FileSystem
{
    private const ulong Data = 2;
    private const ulong Directory = 3;
    private const ulong FirstEntry = 4;
    private const int Digits = 8;

    public override FileSystemInfo Info { get; } = new()
    {
        Identity = $"null size={size} entries={entryCount}",
        IsImmutable = true,
        IsStateless = true,
        KnowsParents = true,
    };

    public override ValueTask<Result<Entry>> LookupAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name)
    {
        ReadOnlySpan<byte> bytes = name.Span;
        switch (parent)
        {
            case RootInode when bytes.SequenceEqual("data"u8):
                return new(EntryOf(Data));
            case RootInode when bytes.SequenceEqual("entries"u8):
                return new(EntryOf(Directory));
            case RootInode:
                return new(Errno.ENOENT);
            case Directory:
                return TryParse(bytes, out uint index) ? new(EntryOf(FirstEntry + index)) : new(Errno.ENOENT);
            default:
                return new(Exists(parent) ? Errno.ENOTDIR : Errno.ESTALE);
        }
    }

    public override ValueTask<Result<CachedAttributes>> GetAttributesAsync(RequestContext context, ulong inode, ulong? handle)
        => Exists(inode) ? new(new CachedAttributes(AttributesOf(inode), CacheTime.Forever)) : new(Errno.ESTALE);

    public override ValueTask<Result<ulong>> GetParentAsync(RequestContext context, ulong inode) => new(inode < FirstEntry ? RootInode : Directory);

    public override ValueTask<Errno> ReadAsync(RequestContext context, ulong inode, ulong handle, long offset, PayloadWriter destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        if (inode != Data)
        {
            return new(inode is RootInode or Directory ? Errno.EISDIR : Exists(inode) ? Errno.None : Errno.ESTALE);
        }
        if ((ulong)offset < size)
        {
            destination.WriteZeros((int)Math.Min((ulong)destination.Remaining, size - (ulong)offset));
        }
        return default;
    }

    public override ValueTask<Errno> ListAsync(RequestContext context, ulong inode, ulong handle, ulong cookie, DirectoryWriter destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        if (inode == RootInode)
        {
            _ = (cookie >= 1 || destination.TryAdd("data"u8, 1, EntryOf(Data)))
                && (cookie >= 2 || destination.TryAdd("entries"u8, 2, EntryOf(Directory)));
            return default;
        }
        if (inode != Directory)
        {
            return new(Exists(inode) ? Errno.ENOTDIR : Errno.ESTALE);
        }
        Span<byte> name = stackalloc byte[16];
        for (ulong index = cookie; index < entryCount; index++)
        {
            if (!destination.TryAdd(NameOf((uint)index, name), index + 1, EntryOf(FirstEntry + index)))
            {
                break;
            }
        }
        return default;
    }

    private static ReadOnlySpan<byte> NameOf(uint index, Span<byte> buffer)
    {
        buffer[0] = (byte)'e';
        Utf8Formatter.TryFormat(index, buffer[1..], out int written, new System.Buffers.StandardFormat('D', Digits));
        return buffer[..(1 + written)];
    }

    private bool TryParse(ReadOnlySpan<byte> name, out uint index)
    {
        Span<byte> canonical = stackalloc byte[16];
        index = 0;
        return name.Length > Digits && name[0] == 'e'
            && Utf8Parser.TryParse(name[1..], out index, out int used) && used == name.Length - 1
            && index < entryCount && NameOf(index, canonical).SequenceEqual(name);
    }

    private bool Exists(ulong inode) => inode - 1 < FirstEntry - 1 + entryCount;

    private Entry EntryOf(ulong inode) => new()
    {
        Attributes = AttributesOf(inode),
        NameTime = CacheTime.Forever,
        AttributeTime = CacheTime.Forever,
    };

    private Attributes AttributesOf(ulong inode)
    {
        bool isDirectory = inode is RootInode or Directory;
        ulong bytes = inode == Data ? size : 0;
        return new Attributes
        {
            Inode = inode,
            Size = bytes,
            Blocks = (bytes + 511) / 512,
            Mode = isDirectory ? FileType.Directory | 0x16D : FileType.Regular | 0x124,
            LinkCount = inode == RootInode ? 3u : isDirectory ? 2u : 1u,
        };
    }
}
