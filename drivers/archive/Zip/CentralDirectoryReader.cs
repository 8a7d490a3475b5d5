using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Kaleidofs.Drivers.Archive.Zip;

/// <summary>Reads the central directory's records one after the other, a piece of it in memory at a time, and digests them.</summary>
internal sealed class CentralDirectoryReader(ByteSource file, EndOfCentralDirectory directory) : IDisposable
{
    /// <summary>Holds the longest record (46 bytes and three times 65,535).</summary>
    private const int BufferLength = 256 << 10;

    private readonly byte[] _buffer = new byte[BufferLength];
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private int _position;
    private int _end;
    private long _fetched;

    /// <summary>How many records were read.</summary>
    public long Count { get; private set; }

    /// <summary>The next record, valid until the next call; false after the last.</summary>
    /// <exception cref="SourceException">What stands there is no record.</exception>
    public bool TryRead(out CentralDirectoryRecord record)
    {
        record = default;
        long offset = _fetched - (_end - _position);
        if (offset == directory.Length)
        {
            CheckCount();
            return false;
        }
        if (!Has(ZipFormat.CentralHeaderLength) || BinaryPrimitives.ReadUInt32LittleEndian(_buffer.AsSpan(_position)) != ZipFormat.CentralHeaderSignature)
        {
            throw Damaged(offset);
        }
        int length = CentralDirectoryRecord.GetLength(_buffer.AsSpan(_position));
        if (!Has(length))
        {
            throw Damaged(offset);
        }
        record = new CentralDirectoryRecord(_buffer.AsSpan(_position, length), offset);
        _position += length;
        Count++;
        return true;
    }

    /// <summary>The digest of all that was read.</summary>
    public string GetDigest() => Convert.ToHexStringLower(_hash.GetHashAndReset());

    /// <inheritdoc/>
    public void Dispose() => _hash.Dispose();

    /// <summary>Makes sure that the buffer has so many bytes from the position on.</summary>
    private bool Has(int length)
    {
        if (_end - _position >= length)
        {
            return true;
        }
        _buffer.AsSpan(_position, _end - _position).CopyTo(_buffer);
        _end -= _position;
        _position = 0;
        int count = (int)Math.Min(_buffer.Length - _end, directory.Length - _fetched);
        Span<byte> fetched = _buffer.AsSpan(_end, count);
        if (!file.TryRead(directory.Start + _fetched, fetched))
        {
            throw new SourceException($"{file.Path}: its central directory cannot be read; see the log");
        }
        _hash.AppendData(fetched);
        _fetched += count;
        _end += count;
        return _end >= length;
    }

    private void CheckCount()
    {
        if (directory.IsZip64 ? Count != directory.Count : (ushort)Count != directory.Count)
        {
            throw new SourceException($"{file.Path}: damaged: {directory.Count} entries by its last record, {Count} in its central directory; copy it again");
        }
    }

    private SourceException Damaged(long offset)
        => new($"{file.Path}: its central directory is damaged at record {Count + 1}, byte {directory.Start + offset}; copy it again, or repair it with 'zip -FF'");
}
