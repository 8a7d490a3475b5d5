namespace Kaleidofs.Drivers.Archive.Iso9660;

/// <summary>A directory record (ECMA-119, 9.1).</summary>
internal readonly ref struct IsoRecord
{
    /// <summary>The shortest: its name has one byte.</summary>
    public const int MinLength = 34;

    /// <summary>The longest.</summary>
    public const int MaxLength = 255;

    private const int NameOffset = 33;

    private readonly ReadOnlySpan<byte> _record;

    /// <param name="record">All its bytes, <see cref="MinLength"/> at least.</param>
    /// <param name="skip">How many bytes stand before what Rock Ridge has to say.</param>
    public IsoRecord(ReadOnlySpan<byte> record, int skip)
    {
        _record = record;
        int nameLength = record[32];
        IsWhole = nameLength > 0 && NameOffset + nameLength <= record.Length;
        Name = IsWhole ? record.Slice(NameOffset, nameLength) : [];
        // A pad byte makes the name's end even.
        int systemUse = NameOffset + nameLength + ((nameLength & 1) ^ 1) + skip;
        SystemUse = systemUse < record.Length ? record[systemUse..] : [];
        AgreesWithItself = IsoFormat.TryReadBoth32(record[2..], out uint block);
        AgreesWithItself &= IsoFormat.TryReadBoth32(record[10..], out uint size);
        AgreesWithItself &= IsoFormat.TryReadBoth16(record[28..], out ushort volume);
        // Content begins behind an extended attribute record.
        Block = (long)block + record[1];
        Size = size;
        VolumeNumber = volume;
    }

    /// <summary>Whether it has a name, all of it.</summary>
    public bool IsWhole { get; }

    /// <summary>Whether the numbers say the same in both byte orders.</summary>
    public bool AgreesWithItself { get; }

    /// <summary>The content's first block.</summary>
    public long Block { get; }

    /// <summary>The content's bytes.</summary>
    public uint Size { get; }

    /// <summary>The volume of a set that has the content.</summary>
    public ushort VolumeNumber { get; }

    /// <summary>The identifier.</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>What Rock Ridge has to say.</summary>
    public ReadOnlySpan<byte> SystemUse { get; }

    public Timestamp Time => IsoTime.ReadShort(_record.Slice(18, IsoTime.ShortLength));

    public bool IsDirectory => (_record[25] & 0x02) != 0;

    /// <summary>Whether it is another file's resource fork or the like.</summary>
    public bool IsAssociated => (_record[25] & 0x04) != 0;

    /// <summary>Whether the content goes on with what the next record says.</summary>
    public bool HasMore => (_record[25] & 0x80) != 0;

    /// <summary>Whether the content has gaps, in which others' stands.</summary>
    public bool IsInterleaved => _record[26] != 0 || _record[27] != 0;

    /// <summary>Whether it is the directory's own.</summary>
    public bool IsSelf => Name.Length == 1 && Name[0] == 0;

    /// <summary>Whether it is the directory's parent.</summary>
    public bool IsParent => Name.Length == 1 && Name[0] == 1;
}
