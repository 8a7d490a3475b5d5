using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Kaleidofs.Journaling;

/// <summary>The records of one change, each of a kind, what it is about (an inode, as a rule), and fields; little-endian. <see cref="FieldReader"/> reads them in the same order.</summary>
public abstract class FieldWriter
{
    private readonly ArrayBufferWriter<byte> _buffer = new(256);

    /// <summary>The records so far: what <see cref="Journal.Append"/> takes.</summary>
    public ReadOnlyMemory<byte> Written => _buffer.WrittenMemory;

    /// <summary>Whether there is nothing to record.</summary>
    public bool IsEmpty => _buffer.WrittenCount == 0;

    /// <summary>Forgets the records.</summary>
    public void Clear() => _buffer.ResetWrittenCount();

    /// <summary>Begins a record; its fields follow.</summary>
    protected void Begin(byte kind, ulong subject)
    {
        _buffer.GetSpan(1)[0] = kind;
        _buffer.Advance(1);
        U64(subject);
    }

    /// <summary>Adds 16 bits.</summary>
    protected void U16(ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_buffer.GetSpan(sizeof(ushort)), value);
        _buffer.Advance(sizeof(ushort));
    }

    /// <summary>Adds 32 bits.</summary>
    protected void U32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_buffer.GetSpan(sizeof(uint)), value);
        _buffer.Advance(sizeof(uint));
    }

    /// <summary>Adds 64 bits.</summary>
    protected void U64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_buffer.GetSpan(sizeof(ulong)), value);
        _buffer.Advance(sizeof(ulong));
    }

    /// <summary>Adds a time: seconds and nanoseconds.</summary>
    protected void Time(Timestamp time)
    {
        U64((ulong)time.Seconds);
        U32(time.Nanoseconds);
    }

    /// <summary>Adds bytes, behind their number.</summary>
    protected void Bytes(ReadOnlySpan<byte> bytes)
    {
        U32((uint)bytes.Length);
        _buffer.Write(bytes);
    }

    /// <summary>Adds a text as UTF-8.</summary>
    protected void Text(string text) => Bytes(Encoding.UTF8.GetBytes(text));
}
