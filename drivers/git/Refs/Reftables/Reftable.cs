using System.Buffers.Binary;
using Kaleidofs.Drivers.Git.Objects;

namespace Kaleidofs.Drivers.Git.Refs.Reftables;

/// <summary>
/// One table of refs (git's reftable format, versions 1 and 2), as it was read: a table never changes. Only blocks of refs are looked at; the
/// first name of each, which stands there whole, says in which block a name is.
/// </summary>
internal sealed class Reftable
{
    private const byte RefBlock = (byte)'r';
    private const int BlockHeaderLength = 4;
    private const int FooterFieldsLength = (5 * sizeof(ulong)) + sizeof(uint);
    private const uint Sha1Id = 0x73686131;
    private const uint Sha256Id = 0x73323536;

    private readonly byte[] _bytes;
    private readonly ObjectFormat _format;
    private readonly ulong _firstUpdate;
    private readonly List<Block> _blocks = [];

    private Reftable(byte[] bytes, ObjectFormat format, ulong firstUpdate)
    {
        (_bytes, _format, _firstUpdate) = (bytes, format, firstUpdate);
    }

    private static ReadOnlySpan<byte> Magic => "REFT"u8;

    /// <exception cref="DamageException">It is no table, or one of another kind than the repository's.</exception>
    public static Reftable Parse(byte[] bytes, ObjectFormat format)
    {
        if (bytes.Length < 24 || !bytes.AsSpan().StartsWith(Magic))
        {
            throw new DamageException("it is no reftable");
        }
        int headerLength = bytes[4] switch { 1 => 24, 2 => 28, _ => throw new DamageException($"a reftable of version {bytes[4]}, which is not known here") };
        int end = bytes.Length - headerLength - FooterFieldsLength;
        if (end < headerLength || !bytes.AsSpan(end, headerLength).SequenceEqual(bytes.AsSpan(0, headerLength)))
        {
            throw new DamageException("it does not end as it begins");
        }
        if (Crc32.Compute(bytes.AsSpan(end, bytes.Length - end - sizeof(uint))) != BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(bytes.Length - sizeof(uint))))
        {
            throw new DamageException("its footer's checksum is wrong");
        }
        uint hash = headerLength == 24 ? Sha1Id : BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(24));
        if (hash != (format == ObjectFormat.Sha1 ? Sha1Id : Sha256Id))
        {
            throw new DamageException("its objects are named in another way than the repository's");
        }
        Reftable table = new(bytes, format, BinaryPrimitives.ReadUInt64BigEndian(bytes.AsSpan(8)));
        table.FindBlocks(headerLength, end);
        return table;
    }

    /// <summary>What the table says of a name: false if nothing. A value of null says that the ref is deleted.</summary>
    /// <exception cref="DamageException">The block is damaged.</exception>
    public bool TryGet(ReadOnlySpan<byte> name, out RefValue? value)
    {
        for (RefCursor cursor = Seek(name); cursor.MoveNext();)
        {
            int order = cursor.Name.SequenceCompareTo(name);
            if (order >= 0)
            {
                value = order == 0 ? cursor.Value : null;
                return order == 0;
            }
        }
        value = null;
        return false;
    }

    /// <summary>All that the table says of names that begin so, in their order.</summary>
    /// <exception cref="DamageException">A block is damaged.</exception>
    public IEnumerable<(byte[] Name, bool IsDeleted)> List(byte[] prefix)
    {
        for (int block = FindBlock(prefix); block < _blocks.Count; block++)
        {
            RefCursor cursor = Open(block);
            while (cursor.MoveNext())
            {
                if (cursor.Name.StartsWith(prefix))
                {
                    yield return (cursor.Name.ToArray(), cursor.Value is null);
                }
                else if (cursor.Name.SequenceCompareTo(prefix) > 0)
                {
                    yield break;
                }
            }
        }
    }

    private RefCursor Seek(ReadOnlySpan<byte> name) => _blocks.Count == 0 ? default : Open(FindBlock(name));

    private RefCursor Open(int block) => new(_bytes, _blocks[block].Start, _blocks[block].End, _format, _firstUpdate);

    /// <summary>The last block that begins with the name or one before it.</summary>
    private int FindBlock(ReadOnlySpan<byte> name)
    {
        int low = 0;
        for (int high = _blocks.Count - 1; low < high;)
        {
            int middle = (low + high + 1) / 2;
            if (GetFirstName(middle).SequenceCompareTo(name) <= 0)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }
        return low;
    }

    private ReadOnlySpan<byte> GetFirstName(int block) => _bytes.AsSpan(_blocks[block].FirstName, _blocks[block].FirstNameLength);

    /// <summary>Refs come first in a table, block behind block. Blocks are padded to one length, or each begins where the last one ended.</summary>
    private void FindBlocks(int headerLength, int end)
    {
        int padded = ReadUInt24(5);
        for (int start = 0; start < end;)
        {
            int header = start == 0 ? headerLength : start;
            if (end - header < BlockHeaderLength || _bytes[header] != RefBlock)
            {
                return;
            }
            // The first block's length and restarts count from the file's beginning.
            int length = ReadUInt24(header + 1);
            if (length > end - start || length < header - start + BlockHeaderLength + sizeof(ushort))
            {
                throw new DamageException("a block's length is wrong");
            }
            int restarts = BinaryPrimitives.ReadUInt16BigEndian(_bytes.AsSpan(start + length - sizeof(ushort)));
            int recordsEnd = start + length - sizeof(ushort) - (restarts * 3);
            int first = header + BlockHeaderLength;
            RefCursor cursor = new(_bytes, first, recordsEnd, _format, _firstUpdate);
            if (recordsEnd <= first || !cursor.MoveNext())
            {
                throw new DamageException("a block without refs");
            }
            Block block = new(first, recordsEnd, cursor.SuffixStart, cursor.Name.Length);
            if (_blocks.Count > 0 && GetFirstName(_blocks.Count - 1).SequenceCompareTo(cursor.Name) >= 0)
            {
                throw new DamageException("its blocks are not sorted");
            }
            _blocks.Add(block);
            bool isPadded = padded > length && (end - start <= length || _bytes[start + length] == 0);
            start += isPadded ? Math.Min(padded, end - start) : length;
        }
    }

    private int ReadUInt24(int at) => (_bytes[at] << 16) | (_bytes[at + 1] << 8) | _bytes[at + 2];

    private readonly record struct Block(int Start, int End, int FirstName, int FirstNameLength);
}
