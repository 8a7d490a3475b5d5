using System.Buffers.Binary;
using System.IO.Compression;
using Kaleidofs.Caching;
using Microsoft.Win32.SafeHandles;

namespace Kaleidofs.Drivers.Git.Objects;

/// <summary>A pack with its index, both open as long as this is: git replaces packs and never changes one, so what is open can be read after its name is gone.</summary>
/// <remarks>
/// Read by position and not mapped: of a mapped file nobody can tell whether touching it waits for a disk, and whoever
/// cuts it off ends the process. Every offset and size in it is somebody's claim, and is held against the file.
/// </remarks>
internal sealed class PackFile : IDisposable
{
    /// <summary>Deltas upon deltas: git makes 50 unless told otherwise, and 4095 at most.</summary>
    public const int MaxChain = 4096;

    /// <summary>The most bytes of an object that is made in memory, as one from deltas must be: git makes none of larger files (core.bigFileThreshold).</summary>
    public const int MaxObject = 512 << 20;

    private const int HeaderLength = 12;
    private const int MaxEntryHeader = 64;

    /// <summary>Nearly always enough for an entry's header, the tables that a deflated delta begins with, and its sizes.</summary>
    private const int SizeReadLength = 320;
    private const int MaxKept = 4 << 20;
    private const int Large = 16 << 20;

    /// <summary>What deflate can make of one byte at most.</summary>
    private const long MaxRatio = 1032;

    /// <summary>The most bytes that are inflated and made for one object.</summary>
    private const long MaxWork = 4L << 30;

    /// <summary>One object at a time of those that take much memory.</summary>
    private static readonly Lock LargeObjects = new();

    private readonly SafeFileHandle _file;
    private readonly ContentCache _cache;
    private readonly ulong _cacheSource;
    private readonly long _end;
    private readonly int _idLength;

    private PackFile(string path, SafeFileHandle file, PackIndex index, ObjectFormat format, ContentCache cache)
    {
        (Path, _file, Index, _cache, _idLength) = (path, file, index, cache, format.IdLength);
        _end = RandomAccess.GetLength(file) - format.IdLength;
        Span<byte> header = stackalloc byte[HeaderLength];
        CachedFile.ReadExactly(file, header, 0);
        if (!header[..4].SequenceEqual("PACK"u8))
        {
            throw new DamageException("it is no pack");
        }
        if (BinaryPrimitives.ReadUInt32BigEndian(header[4..]) is var version and not (2 or 3))
        {
            throw new DamageException($"it has version {version}, which is not known here");
        }
        Span<byte> checksum = stackalloc byte[ObjectId.MaxLength];
        checksum = checksum[..format.IdLength];
        if (_end < HeaderLength)
        {
            throw new DamageException("it ends early");
        }
        CachedFile.ReadExactly(file, checksum, _end);
        if (BinaryPrimitives.ReadUInt32BigEndian(header[8..]) != index.Count || !checksum.SequenceEqual(index.PackChecksum.Span))
        {
            throw new DamageException("its index is another pack's, or it is cut off");
        }
        _cacheSource = cache.OpenSource("");
    }

    public string Path { get; }

    public PackIndex Index { get; }

    /// <exception cref="DamageException">One of both is not what it should be.</exception>
    /// <exception cref="IOException">One of both cannot be opened.</exception>
    public static PackFile Open(string indexPath, ObjectFormat format, ContentCache cache)
    {
        PackIndex index = PackIndex.Open(indexPath, format, cache);
        SafeFileHandle? file = null;
        try
        {
            string path = System.IO.Path.ChangeExtension(indexPath, ".pack");
            file = File.OpenHandle(path);
            return new PackFile(path, file, index, format, cache);
        }
        catch
        {
            index.Dispose();
            file?.Dispose();
            throw;
        }
    }

    /// <summary>The size of the object at an offset, without its content.</summary>
    public long ReadSize(long offset)
    {
        Span<byte> bytes = stackalloc byte[SizeReadLength];
        PackEntry entry = ReadEntry(offset, bytes, out int read);
        if (!entry.IsDelta)
        {
            return entry.Size;
        }
        Span<byte> header = stackalloc byte[(int)Math.Min(Delta.MaxHeaderLength, entry.Size)];
        if (!DeflatePrefix.TryInflate(bytes[(int)(entry.ContentOffset - offset)..read], header))
        {
            header = header[..InflateHead(entry, header)];
        }
        Delta.ReadHeader(header, out _, out long size);
        return size;
    }

    /// <summary>The kind of the object at an offset, by the headers of its bases.</summary>
    public ObjectKind ReadKind(long offset)
    {
        for (int depth = 0; depth <= MaxChain; depth++)
        {
            PackEntry entry = ReadEntry(offset);
            if (!entry.IsDelta)
            {
                return entry.Kind;
            }
            offset = entry.BaseOffset;
        }
        throw new DamageException($"more than {MaxChain} deltas stand upon each other");
    }

    /// <summary>The object at an offset.</summary>
    public ObjectStream OpenObject(long offset)
    {
        PackEntry entry = ReadEntry(offset);
        return entry.IsDelta
            ? new ObjectStream(Resolve(entry)) { Origin = this }
            : new ObjectStream(entry.Kind, entry.Size, Inflate(entry)) { Origin = this };
    }

    public void Dispose()
    {
        _file.Dispose();
        Index.Dispose();
    }

    private ObjectBuffer Resolve(PackEntry entry)
    {
        List<PackEntry> chain = [];
        ObjectBuffer? content = null;
        long work = 0;
        bool isLarge = false;
        while (content is null)
        {
            work += entry.Size;
            isLarge |= entry.Size > Large;
            if (chain.Count > MaxChain || work > MaxWork)
            {
                throw new DamageException(work > MaxWork ? "its deltas are too large" : $"more than {MaxChain} deltas stand upon each other");
            }
            if (_cache.TryGet(GetKey(entry.Offset), out BlockLease lease))
            {
                using (lease)
                {
                    content = ObjectBuffer.FromKept(lease.Span);
                }
            }
            else if (entry.IsDelta)
            {
                chain.Add(entry);
                entry = ReadEntry(entry.BaseOffset);
            }
            else
            {
                using ObjectStream stream = new(entry.Kind, entry.Size, Inflate(entry));
                content = stream.ReadAll(MaxObject);
                Keep(entry.Offset, content);
            }
        }
        try
        {
            for (int i = chain.Count - 1; i >= 0; i--)
            {
                ObjectBuffer result = ApplyInTurn(chain[i], content, isLarge, ref work);
                content.Dispose();
                content = result;
                if (i > 0)
                {
                    Keep(chain[i].Offset, content);
                }
            }
            return content;
        }
        catch
        {
            content.Dispose();
            throw;
        }
    }

    private ObjectBuffer ApplyInTurn(PackEntry entry, ObjectBuffer source, bool isLarge, ref long work)
    {
        if (!isLarge && source.Length <= Large)
        {
            return Apply(entry, source, ref work);
        }
        lock (LargeObjects)
        {
            return Apply(entry, source, ref work);
        }
    }

    private ObjectBuffer Apply(PackEntry entry, ObjectBuffer source, ref long work)
    {
        using ObjectStream stream = new(entry.Kind, entry.Size, Inflate(entry));
        using ObjectBuffer delta = stream.ReadAll(MaxObject);
        int start = Delta.ReadHeader(delta.Span, out long baseLength, out long resultLength);
        work += resultLength;
        if (baseLength != source.Length || resultLength > MaxObject || work > MaxWork)
        {
            throw new DamageException(baseLength != source.Length ? "a delta is of another base" : "a delta makes too much");
        }
        ObjectBuffer result = new(source.Kind, (int)resultLength);
        try
        {
            Delta.Apply(delta.Span[start..], source.Span, result.Span);
            return result;
        }
        catch
        {
            result.Dispose();
            throw;
        }
    }

    private void Keep(long offset, ObjectBuffer content)
    {
        if (content.Length < MaxKept)
        {
            _cache.Add(GetKey(offset), content.WithKind);
        }
    }

    private BlockKey GetKey(long offset) => new(_cacheSource, (ulong)offset, 0);

    private ZLibStream Inflate(PackEntry entry)
    {
        if (entry.Size > (_end - entry.ContentOffset) * MaxRatio)
        {
            throw new DamageException("it says that it has more content than its pack can hold");
        }
        return new ZLibStream(new RangeStream(_file, entry.ContentOffset, _end), CompressionMode.Decompress);
    }

    private int InflateHead(PackEntry entry, Span<byte> head)
    {
        using ZLibStream inflater = Inflate(entry);
        try
        {
            return inflater.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        }
        catch (InvalidDataException)
        {
            throw new DamageException("a delta cannot be inflated");
        }
    }

    private PackEntry ReadEntry(long offset) => ReadEntry(offset, stackalloc byte[MaxEntryHeader], out _);

    /// <param name="offset">Where it begins.</param>
    /// <param name="bytes">Takes the first bytes of it; no fewer than its header may have.</param>
    /// <param name="read">How many bytes that are.</param>
    private PackEntry ReadEntry(long offset, Span<byte> bytes, out int read)
    {
        if (offset < HeaderLength || offset >= _end)
        {
            throw new DamageException("an entry is outside of its pack");
        }
        read = (int)Math.Min(bytes.Length, _end - offset);
        Span<byte> header = bytes[..read];
        CachedFile.ReadExactly(_file, header, offset);
        int at = 0;
        ulong first = Take(header, ref at);
        ObjectKind kind = (ObjectKind)((first >> 4) & 7);
        ulong size = first & 15;
        for (int shift = 4; (first & 0x80) != 0; shift += 7)
        {
            if (shift > 56)
            {
                throw new DamageException("an entry's size is none");
            }
            first = Take(header, ref at);
            size |= (first & 0x7f) << shift;
        }
        if (size > long.MaxValue / 2)
        {
            throw new DamageException("an entry's size is none");
        }
        long baseOffset = kind switch
        {
            ObjectKind.OffsetDelta => offset - ReadDistance(header, ref at),
            ObjectKind.ReferenceDelta => FindBase(header, ref at),
            ObjectKind.Commit or ObjectKind.Tree or ObjectKind.Blob or ObjectKind.Tag => 0,
            _ => throw new DamageException($"an entry is of kind {(int)kind}, which is not known here"),
        };
        if (kind == ObjectKind.OffsetDelta && (baseOffset < HeaderLength || baseOffset >= offset))
        {
            throw new DamageException("the base of a delta is outside of its pack");
        }
        return new PackEntry(kind, (long)size, offset, offset + at, baseOffset);
    }

    private static long ReadDistance(ReadOnlySpan<byte> header, ref int at)
    {
        ulong next = Take(header, ref at);
        ulong distance = next & 0x7f;
        while ((next & 0x80) != 0)
        {
            if (distance > long.MaxValue >> 9)
            {
                throw new DamageException("the base of a delta is outside of its pack");
            }
            next = Take(header, ref at);
            distance = ((distance + 1) << 7) | (next & 0x7f);
        }
        return (long)distance;
    }

    private long FindBase(ReadOnlySpan<byte> header, ref int at)
    {
        if (header.Length - at < _idLength)
        {
            throw new DamageException("it ends early");
        }
        ObjectId id = ObjectId.Read(header.Slice(at, _idLength));
        at += _idLength;
        return Index.TryFind(id, out long offset) ? offset : throw new DamageException("the base of a delta is not in its pack");
    }

    private static ulong Take(ReadOnlySpan<byte> header, ref int at)
        => at < header.Length ? header[at++] : throw new DamageException("it ends early");
}
