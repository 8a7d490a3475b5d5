using System.Buffers.Binary;
using System.Text;
using Kaleidofs.Caching;

namespace Kaleidofs.Drivers.Git.Objects;

/// <summary>One index for many packs (gitformat-pack, "multi-pack-index"). Each has its own, too, so that one which is not understood is done without.</summary>
internal sealed class MultiPackIndex : IDisposable
{
    private const int HeaderLength = 12;
    private const int ChunkLength = 12;
    private const int MaxNames = 16 << 20;
    private const uint LargeFlag = 0x80000000;

    // Four letters each: PNAM, OIDF, OIDL, OOFF, LOFF.
    private const uint PackNames = 0x504e414d;
    private const uint Fanout = 0x4f494446;
    private const uint Ids = 0x4f49444c;
    private const uint Offsets = 0x4f4f4646;
    private const uint LargeOffsets = 0x4c4f4646;

    private readonly CachedFile _file;
    private readonly PackFile[] _packs;
    private readonly IdTable _ids;
    private readonly long _offsets;
    private readonly (long Position, long Length) _large;

    private MultiPackIndex(CachedFile file, IReadOnlyList<PackFile> packs, ObjectFormat format)
    {
        _file = file;
        Span<byte> header = stackalloc byte[HeaderLength];
        file.ReadExactly(header, 0);
        if (!header[..4].SequenceEqual("MIDX"u8) || header[4] is not (1 or 2) || header[5] != (format == ObjectFormat.Sha1 ? 1 : 2) || header[7] != 0)
        {
            throw new DamageException("it is of a kind that is not known here");
        }
        Dictionary<uint, (long Position, long Length)> chunks = ReadChunks(header[6]);
        (long Position, long Length) names = Get(chunks, PackNames);
        (long Position, long Length) ids = Get(chunks, Ids);
        (long Position, long Length) offsets = Get(chunks, Offsets);
        if (Get(chunks, Fanout).Length < IdTable.FanoutLength || names.Length > MaxNames)
        {
            throw new DamageException("a chunk has a length that it cannot have");
        }
        _ids = new IdTable(file, Get(chunks, Fanout).Position, ids.Position, format.IdLength);
        if (ids.Length / format.IdLength < _ids.Count || offsets.Length / 8 < _ids.Count)
        {
            throw new DamageException("a chunk has a length that it cannot have");
        }
        _offsets = offsets.Position;
        _large = chunks.GetValueOrDefault(LargeOffsets);
        _packs = FindPacks(names, BinaryPrimitives.ReadUInt32BigEndian(header[8..]), packs);
    }

    /// <summary>The index, or null if there is none that can be used.</summary>
    public static MultiPackIndex? TryOpen(string path, IReadOnlyList<PackFile> packs, ObjectFormat format, ContentCache cache, DamageLog log)
    {
        CachedFile? file = null;
        try
        {
            file = CachedFile.Open(path, cache);
            return new MultiPackIndex(file, packs, format);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or DamageException)
        {
            file?.Dispose();
            if (exception is DamageException)
            {
                log.Write($"{path}: done without: {exception.Message}");
            }
            return null;
        }
    }

    /// <summary>The pack that has an object, and where; null also if the index is damaged.</summary>
    public PackFile? Find(in ObjectId id, out long offset)
    {
        offset = 0;
        try
        {
            uint place = _ids.Find(id, out bool isFound);
            if (!isFound)
            {
                return null;
            }
            Span<byte> bytes = stackalloc byte[8];
            _file.ReadExactly(bytes, _offsets + ((long)place * 8));
            uint pack = BinaryPrimitives.ReadUInt32BigEndian(bytes);
            uint small = BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]);
            offset = small;
            if (_large.Length > 0 && (small & LargeFlag) != 0)
            {
                long large = (long)(small & ~LargeFlag) * 8;
                if (large + 8 > _large.Length)
                {
                    return null;
                }
                _file.ReadExactly(bytes, _large.Position + large);
                offset = BinaryPrimitives.ReadInt64BigEndian(bytes);
            }
            return pack < _packs.Length ? _packs[pack] : null;
        }
        catch (Exception exception) when (exception is DamageException or IOException or ObjectDisposedException)
        {
            // The packs' own indexes say it, too.
            return null;
        }
    }

    public void Dispose() => _file.Dispose();

    private Dictionary<uint, (long Position, long Length)> ReadChunks(int count)
    {
        Span<byte> table = stackalloc byte[(count + 1) * ChunkLength];
        _file.ReadExactly(table, HeaderLength);
        long end = _file.Length;
        Dictionary<uint, (long Position, long Length)> chunks = [];
        for (int i = 0; i < count; i++)
        {
            long start = BinaryPrimitives.ReadInt64BigEndian(table[((i * ChunkLength) + 4)..]);
            long next = BinaryPrimitives.ReadInt64BigEndian(table[(((i + 1) * ChunkLength) + 4)..]);
            if (start < 0 || next < start || next > end)
            {
                throw new DamageException("a chunk is outside of the file");
            }
            chunks[BinaryPrimitives.ReadUInt32BigEndian(table[(i * ChunkLength)..])] = (start, next - start);
        }
        return chunks;
    }

    private static (long Position, long Length) Get(Dictionary<uint, (long Position, long Length)> chunks, uint id)
        => chunks.TryGetValue(id, out (long Position, long Length) chunk) ? chunk : throw new DamageException("a chunk is missing");

    private PackFile[] FindPacks((long Position, long Length) chunk, uint count, IReadOnlyList<PackFile> packs)
    {
        byte[] bytes = new byte[chunk.Length];
        _file.ReadExactly(bytes, chunk.Position);
        string[] names = Encoding.UTF8.GetString(bytes).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        if (names.Length < count)
        {
            throw new DamageException("names of packs are missing");
        }
        Dictionary<string, PackFile> known = packs.ToDictionary(pack => Path.GetFileNameWithoutExtension(pack.Path));
        return [.. names.Take((int)count).Select(name => known.TryGetValue(Path.GetFileNameWithoutExtension(name), out PackFile? pack)
            ? pack
            : throw new FileNotFoundException(name))];
    }
}
