using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Kaleidofs.Tests.Unit.DevFuse;

/// <summary>One file, whose content says where it stands, and which remembers how it was asked for.</summary>
internal sealed class PatternedFileSystem(OpenOptions options) : FileSystem
{
    private const ulong FileInode = 2;
    private const int Size = 16 << 20;

    private readonly ConcurrentQueue<int> _reads = new();
    private readonly ConcurrentQueue<int> _writes = new();

    public override FileSystemInfo Info { get; } = new();

    /// <summary>How much each READ asked for, in order.</summary>
    public int[] Reads => [.. _reads];

    /// <summary>How much each WRITE brought, in order.</summary>
    public int[] Writes => [.. _writes];

    public byte[] LastWritten { get; private set; } = [];

    /// <summary>Whether these are the file's bytes from an offset on.</summary>
    public static bool IsPattern(ReadOnlySpan<byte> bytes, long offset)
    {
        byte[] expected = new byte[bytes.Length];
        Fill(expected, offset);
        return bytes.SequenceEqual(expected);
    }

    public override ValueTask<Result<Entry>> LookupAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name)
        => name.Span.SequenceEqual("file"u8) ? new(new Entry { Attributes = AttributesOf(FileInode) }) : new(Errno.ENOENT);

    public override ValueTask<Result<CachedAttributes>> GetAttributesAsync(RequestContext context, ulong inode, ulong? handle)
        => new(new CachedAttributes(AttributesOf(inode), CacheTime.None));

    public override ValueTask<Result<OpenedFile>> OpenAsync(RequestContext context, ulong inode, OpenFlags flags) => new(new OpenedFile(0, options));

    public override ValueTask<Errno> ReadAsync(RequestContext context, ulong inode, ulong handle, long offset, PayloadWriter destination)
    {
        _reads.Enqueue(destination.Remaining);
        int left = (int)Math.Clamp(Size - offset, 0, destination.Remaining);
        while (left > 0)
        {
            Span<byte> span = destination.GetSpan();
            span = span[..Math.Min(span.Length, left)];
            Fill(span, offset);
            destination.Advance(span.Length);
            offset += span.Length;
            left -= span.Length;
        }
        return default;
    }

    public override ValueTask<Result<int>> WriteAsync(RequestContext context, ulong inode, ulong handle, long offset, PayloadReader source)
    {
        int length = source.Remaining;
        byte[] bytes = new byte[length];
        for (int done = 0; done < length;)
        {
            ReadOnlySpan<byte> span = source.GetSpan();
            span.CopyTo(bytes.AsSpan(done));
            source.Advance(span.Length);
            done += span.Length;
        }
        _writes.Enqueue(length);
        LastWritten = bytes;
        return new(length);
    }

    /// <summary>Words that count, cut at any byte.</summary>
    private static void Fill(Span<byte> bytes, long offset)
    {
        uint[] words = new uint[(bytes.Length >> 2) + 2];
        for (int i = 0; i < words.Length; i++)
        {
            words[i] = ((uint)(offset >> 2) + (uint)i) * 2654435761;
        }
        MemoryMarshal.AsBytes(words.AsSpan()).Slice((int)(offset & 3), bytes.Length).CopyTo(bytes);
    }

    private static Attributes AttributesOf(ulong inode) => new()
    {
        Inode = inode,
        Mode = inode == RootInode ? FileType.Directory | 0x1FF : FileType.Regular | 0x1B6,
        LinkCount = 1,
        Size = inode == RootInode ? 0 : (ulong)Size,
    };
}
