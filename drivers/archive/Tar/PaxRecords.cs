using System.Buffers.Text;

namespace Kaleidofs.Drivers.Archive.Tar;

/// <summary>What PAX records say (pax(1), Extended Header): each overrides a field of the header. Null where none did.</summary>
internal sealed class PaxRecords
{
    private const int MaxNameLength = 255;
    private const int MaxValueLength = 65536;

    /// <summary>The most bytes of names that listxattr(2) returns (XATTR_LIST_MAX), and of values that an entry may bring with them.</summary>
    private const int MaxNamesLength = 65536;
    private const int MaxValuesLength = 1 << 20;

    private List<(byte[] Name, byte[] Value)> _attributes = [];
    private List<long>? _sparsePieces;
    private int _namesLength;
    private int _valuesLength;

    public byte[]? Path { get; private set; }
    public byte[]? LinkPath { get; private set; }
    public long? Size { get; private set; }
    public long? UserId { get; private set; }
    public long? GroupId { get; private set; }
    public Timestamp? ModificationTime { get; private set; }
    public Timestamp? AccessTime { get; private set; }
    public Timestamp? ChangeTime { get; private set; }

    /// <summary>Extended attributes, in the order they came.</summary>
    public IReadOnlyList<(byte[] Name, byte[] Value)> ExtendedAttributes => _attributes;

    /// <summary>A file with holes: which form, its name, its whole size, and for the forms 0.0 and 0.1 its pieces as offsets and lengths by turns.</summary>
    public long? SparseMajor { get; private set; }
    public byte[]? SparseName { get; private set; }
    public long? SparseRealSize { get; private set; }
    public List<long>? SparsePieces => _sparsePieces;

    /// <summary>Whether there is anything of a file with holes.</summary>
    public bool IsSparse => SparseMajor is not null || SparsePieces is not null;

    /// <summary>A copy, for one entry's records on top of the global ones.</summary>
    public PaxRecords Clone()
    {
        PaxRecords clone = (PaxRecords)MemberwiseClone();
        clone._attributes = [.. _attributes];
        clone._sparsePieces = _sparsePieces is null ? null : [.. _sparsePieces];
        return clone;
    }

    /// <summary>Takes records ("LENGTH KEY=VALUE\n"); false where they are malformed.</summary>
    /// <param name="records">The content of an extended header.</param>
    /// <param name="isGlobal">Whether they are for all entries: then only owners and times count, because a name, a size or attributes that all entries share make no sense, and would make each cost what the archive says once.</param>
    public bool TryAdd(ReadOnlySpan<byte> records, bool isGlobal)
    {
        while (!records.IsEmpty)
        {
            if (!Utf8Parser.TryParse(records, out int length, out int digits) || length <= digits + 2 || length > records.Length
                || records[digits] != ' ' || records[length - 1] != '\n')
            {
                // Zeros behind the last record are padding that some tools count in.
                return !records.ContainsAnyExcept((byte)0);
            }
            ReadOnlySpan<byte> record = records[(digits + 1)..(length - 1)];
            int equals = record.IndexOf((byte)'=');
            if (equals <= 0 || !TrySet(record[..equals], record[(equals + 1)..], isGlobal))
            {
                return false;
            }
            records = records[length..];
        }
        return true;
    }

    private bool TrySet(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool isGlobal)
        => TrySetOwnerOrTime(key, value, out bool isGood) ? isGood : isGlobal || TrySetOwn(key, value);

    private bool TrySetOwnerOrTime(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, out bool isGood)
    {
        isGood = true;
        if (key.SequenceEqual("uid"u8))
        {
            UserId = Number(value, ref isGood);
        }
        else if (key.SequenceEqual("gid"u8))
        {
            GroupId = Number(value, ref isGood);
        }
        else if (key.SequenceEqual("mtime"u8))
        {
            ModificationTime = PaxTime.Parse(value, ref isGood);
        }
        else if (key.SequenceEqual("atime"u8))
        {
            AccessTime = PaxTime.Parse(value, ref isGood);
        }
        else if (key.SequenceEqual("ctime"u8))
        {
            ChangeTime = PaxTime.Parse(value, ref isGood);
        }
        else
        {
            return false;
        }
        return true;
    }

    private bool TrySetOwn(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (key.StartsWith("GNU.sparse."u8))
        {
            return TrySetSparse(key["GNU.sparse."u8.Length..], value);
        }
        if (key.StartsWith("SCHILY.xattr."u8))
        {
            return TryAddAttribute(key["SCHILY.xattr."u8.Length..].ToArray(), value.ToArray());
        }
        if (key.StartsWith("LIBARCHIVE.xattr."u8))
        {
            return TryAddLibarchiveAttribute(key["LIBARCHIVE.xattr."u8.Length..], value);
        }
        bool isGood = true;
        if (key.SequenceEqual("path"u8))
        {
            Path = value.IsEmpty ? null : value.ToArray();
        }
        else if (key.SequenceEqual("linkpath"u8))
        {
            LinkPath = value.IsEmpty ? null : value.ToArray();
        }
        else if (key.SequenceEqual("size"u8))
        {
            Size = Number(value, ref isGood);
            if (Size < 0)
            {
                Size = null;
                isGood = false;
            }
        }
        return isGood;
    }

    private bool TrySetSparse(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        bool isGood = true;
        if (key.SequenceEqual("major"u8))
        {
            SparseMajor = Number(value, ref isGood);
        }
        else if (key.SequenceEqual("name"u8))
        {
            SparseName = value.ToArray();
        }
        else if (key.SequenceEqual("realsize"u8) || key.SequenceEqual("size"u8))
        {
            SparseRealSize = Number(value, ref isGood);
        }
        else if (key.SequenceEqual("offset"u8) || key.SequenceEqual("numbytes"u8))
        {
            (_sparsePieces ??= []).Add(Number(value, ref isGood) ?? -1);
            isGood &= _sparsePieces.Count <= SparseMapReader.MaxPieces * 2;
        }
        else if (key.SequenceEqual("map"u8))
        {
            _sparsePieces = [];
            foreach (Range part in value.Split((byte)','))
            {
                _sparsePieces.Add(Number(value[part], ref isGood) ?? -1);
                if (!isGood || _sparsePieces.Count > SparseMapReader.MaxPieces * 2)
                {
                    return false;
                }
            }
        }
        return isGood;
    }

    private static long? Number(ReadOnlySpan<byte> text, ref bool isGood)
    {
        if (text.IsEmpty)
        {
            return null;
        }
        if (Utf8Parser.TryParse(text, out long value, out int length) && length == text.Length)
        {
            return value;
        }
        isGood = false;
        return null;
    }

    /// <summary>libarchive's form: the name percent-encoded, the value in base 64, both without padding.</summary>
    private bool TryAddLibarchiveAttribute(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        byte[] padded = [.. value.TrimEnd((byte)'='), .. "==="u8[..((4 - (value.TrimEnd((byte)'=').Length % 4)) % 4)]];
        byte[] decoded = new byte[Base64.GetMaxDecodedFromUtf8Length(padded.Length)];
        if (Base64.DecodeFromUtf8(padded, decoded, out _, out int length) != System.Buffers.OperationStatus.Done)
        {
            return false;
        }
        byte[] name = System.Text.Encoding.Latin1.GetBytes(Uri.UnescapeDataString(System.Text.Encoding.Latin1.GetString(key)));
        return TryAddAttribute(name, decoded[..length]);
    }

    /// <summary>Linux takes no others than these (XATTR_NAME_MAX, XATTR_SIZE_MAX); too many of them are no entry's.</summary>
    private bool TryAddAttribute(byte[] name, byte[] value)
    {
        if (name.Length is 0 or > MaxNameLength || value.Length > MaxValueLength || name.Contains((byte)0))
        {
            return true;
        }
        _attributes.Add((name, value));
        _namesLength += name.Length + 1;
        _valuesLength += value.Length;
        return _namesLength <= MaxNamesLength && _valuesLength <= MaxValuesLength;
    }
}
