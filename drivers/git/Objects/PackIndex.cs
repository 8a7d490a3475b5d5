using System.Buffers.Binary;
using Kaleidofs.Caching;

namespace Kaleidofs.Drivers.Git.Objects;

/// <summary>Where the objects of a pack are: an index file of version 2 (gitformat-pack).</summary>
internal sealed class PackIndex : IDisposable
{
    private const uint Magic = 0xff744f63;
    private const int HeaderLength = 8;
    private const uint LargeFlag = 0x80000000;

    private readonly CachedFile _file;
    private readonly IdTable _ids;
    private readonly long _offsetsPosition;
    private readonly long _largePosition;
    private readonly long _largeCount;

    private PackIndex(CachedFile file, ObjectFormat format)
    {
        _file = file;
        Span<byte> header = stackalloc byte[HeaderLength];
        file.ReadExactly(header, 0);
        if (BinaryPrimitives.ReadUInt32BigEndian(header) != Magic)
        {
            throw new DamageException("it is no index of version 2 ('git index-pack' makes one anew)");
        }
        if (BinaryPrimitives.ReadUInt32BigEndian(header[4..]) is var version and not 2)
        {
            throw new DamageException($"it has version {version}, which is not known here");
        }
        _ids = new IdTable(file, HeaderLength, HeaderLength + IdTable.FanoutLength, format.IdLength);
        long length = file.Length;
        // Behind the names a checksum of four bytes and an offset of four for each.
        _offsetsPosition = HeaderLength + IdTable.FanoutLength + ((long)Count * (format.IdLength + 4));
        _largePosition = _offsetsPosition + ((long)Count * 4);
        long end = length - (2 * format.IdLength);
        if (end < _largePosition)
        {
            throw new DamageException("it is shorter than it should be");
        }
        _largeCount = (end - _largePosition) / 8;
        byte[] checksum = new byte[format.IdLength];
        file.ReadExactly(checksum, end);
        PackChecksum = checksum;
    }

    public uint Count => _ids.Count;

    /// <summary>The checksum that the pack ends with.</summary>
    public ReadOnlyMemory<byte> PackChecksum { get; }

    public IdTable Ids => _ids;

    /// <exception cref="DamageException">It is not an index.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static PackIndex Open(string path, ObjectFormat format, ContentCache cache)
    {
        CachedFile file = CachedFile.Open(path, cache);
        try
        {
            return new PackIndex(file, format);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <exception cref="DamageException">The index is damaged.</exception>
    public bool TryFind(in ObjectId id, out long offset)
    {
        uint place = _ids.Find(id, out bool isFound);
        offset = isFound ? ReadOffset(place) : 0;
        return isFound;
    }

    public void Dispose() => _file.Dispose();

    private long ReadOffset(uint place)
    {
        Span<byte> bytes = stackalloc byte[8];
        _file.ReadExactly(bytes[..4], _offsetsPosition + ((long)place * 4));
        uint offset = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        if ((offset & LargeFlag) == 0)
        {
            return offset;
        }
        long large = offset & ~LargeFlag;
        if (large >= _largeCount)
        {
            throw new DamageException("an offset is missing in a pack's index");
        }
        _file.ReadExactly(bytes, _largePosition + (large * 8));
        return BinaryPrimitives.ReadInt64BigEndian(bytes);
    }
}
