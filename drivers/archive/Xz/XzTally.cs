using System.Buffers.Binary;
using Kaleidofs.Drivers.Archive.Deflate;

namespace Kaleidofs.Drivers.Archive.Xz;

/// <summary>The sizes of a stream's blocks: how many there are, and a checksum of them, so that many cost nothing.</summary>
internal struct XzTally
{
    private uint _crc;

    /// <summary>How many blocks.</summary>
    public long Count { get; private set; }

    /// <summary>Adds a block.</summary>
    public void Add(long encoded, long decoded)
    {
        Span<byte> sizes = stackalloc byte[2 * sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(sizes, encoded);
        BinaryPrimitives.WriteInt64LittleEndian(sizes[sizeof(long)..], decoded);
        _crc = Crc32.Append(_crc, sizes);
        Count++;
    }

    public readonly bool Equals(in XzTally other) => Count == other.Count && _crc == other._crc;
}
