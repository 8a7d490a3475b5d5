using System.Buffers.Binary;
using System.Text;

namespace Kaleidofs.Drivers.Llm.Worlds;

/// <summary>Reads what <see cref="RecordWriter"/> wrote. What is cut off is an <see cref="InvalidDataException"/>: the journal's checksum was right.</summary>
internal ref struct RecordReader(ReadOnlySpan<byte> records)
{
    private readonly ReadOnlySpan<byte> _records = records;

    /// <summary>How far it has read.</summary>
    public int Position { get; private set; }

    public bool TryBegin(out RecordKind kind, out ulong inode)
    {
        kind = RecordKind.None;
        inode = 0;
        if (Position == _records.Length)
        {
            return false;
        }
        kind = (RecordKind)Take(1)[0];
        inode = U64();
        return true;
    }

    public uint U32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)));

    public ulong U64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)));

    public Timestamp Time() => new((long)U64(), U32());

    public ReadOnlySpan<byte> Bytes()
    {
        uint length = U32();
        return length <= int.MaxValue ? Take((int)length) : throw CutOff();
    }

    public string Text() => Encoding.UTF8.GetString(Bytes());

    public NodeFacts Node(ulong inode) => new()
    {
        Inode = inode,
        Parent = U64(),
        Sequence = U64(),
        Mode = U32(),
        UserId = U32(),
        GroupId = U32(),
        ModificationTime = Time(),
        ChangeTime = Time(),
        Origin = (Origin)U32(),
        Name = Bytes().ToArray(),
        Target = Bytes().ToArray(),
        About = Text(),
    };

    public Usage Usage() => new((int)U32(), (long)U64(), (long)U64(), (long)U64());

    public Provenance Provenance() => new(Text(), Text(), DateTimeOffset.FromUnixTimeMilliseconds((long)U64()), Usage());

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _records.Length - Position)
        {
            throw CutOff();
        }
        ReadOnlySpan<byte> taken = _records.Slice(Position, length);
        Position += length;
        return taken;
    }

    private static InvalidDataException CutOff() => new("a record is cut off");
}
