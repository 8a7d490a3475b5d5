using System.Buffers.Binary;
using System.Text;

namespace Kaleidofs.Trees;

/// <summary>Reads what <see cref="IndexRecord"/> wrote. Where the bytes end too early or a length cannot be, everything is zero or empty from there on.</summary>
public sealed class IndexRecordReader(ReadOnlyMemory<byte> bytes)
{
    private ReadOnlyMemory<byte> _rest = bytes;

    /// <summary>Whether all that was read was there.</summary>
    public bool IsGood { get; private set; } = true;

    /// <summary>Whether it was there, and nothing follows.</summary>
    public bool IsAtEnd => IsGood && _rest.IsEmpty;

    /// <summary>Reads a number.</summary>
    public long ReadInt64()
    {
        ReadOnlyMemory<byte> value = Take(sizeof(long));
        return value.IsEmpty ? 0 : BinaryPrimitives.ReadInt64LittleEndian(value.Span);
    }

    /// <summary>Reads a number that lies within bounds; otherwise the least, and the record is no good.</summary>
    public int ReadInt32(int least, int most)
    {
        long value = ReadInt64();
        if (value >= least && value <= most)
        {
            return (int)value;
        }
        IsGood = false;
        return least;
    }

    /// <summary>Reads bytes, which stay where they are.</summary>
    public ReadOnlyMemory<byte> ReadBytes() => Take(ReadInt64());

    /// <summary>Reads a text.</summary>
    public string ReadText() => Encoding.UTF8.GetString(ReadBytes().Span);

    private ReadOnlyMemory<byte> Take(long length)
    {
        if (!IsGood || length < 0 || length > _rest.Length)
        {
            IsGood = false;
            _rest = default;
            return default;
        }
        ReadOnlyMemory<byte> taken = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return taken;
    }
}
