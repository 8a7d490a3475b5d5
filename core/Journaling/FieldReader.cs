using System.Buffers.Binary;
using System.Text;

namespace Kaleidofs.Journaling;

/// <summary>Reads what a <see cref="FieldWriter"/> wrote. What is cut off is an <see cref="InvalidDataException"/>: a journal's checksum was right.</summary>
/// <param name="records">The records of one change.</param>
public ref struct FieldReader(ReadOnlySpan<byte> records)
{
    private readonly ReadOnlySpan<byte> _records = records;

    /// <summary>How many bytes of the records have been read.</summary>
    public int Position { get; private set; }

    /// <summary>Begins the next record, whose fields are to be read before the one after it.</summary>
    /// <returns>False behind the last.</returns>
    public bool TryBegin(out byte kind, out ulong subject)
    {
        kind = 0;
        subject = 0;
        if (Position == _records.Length)
        {
            return false;
        }
        kind = Take(1)[0];
        subject = U64();
        return true;
    }

    /// <summary>Reads 16 bits.</summary>
    public ushort U16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(sizeof(ushort)));

    /// <summary>Reads 32 bits.</summary>
    public uint U32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)));

    /// <summary>Reads 64 bits.</summary>
    public ulong U64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)));

    /// <summary>Reads a time.</summary>
    public Timestamp Time() => new((long)U64(), U32());

    /// <summary>Reads bytes, where they are.</summary>
    public ReadOnlySpan<byte> Bytes()
    {
        uint length = U32();
        return length <= int.MaxValue ? Take((int)length) : throw CutOff();
    }

    /// <summary>Reads a text.</summary>
    public string Text() => Encoding.UTF8.GetString(Bytes());

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
