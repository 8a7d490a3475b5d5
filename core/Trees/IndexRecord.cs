using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Kaleidofs.Trees;

/// <summary>Numbers, texts and bytes one after the other, for what is no column. <see cref="IndexRecordReader"/> reads them in the same order.</summary>
public sealed class IndexRecord
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    /// <summary>All that was written.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.WrittenSpan;

    /// <summary>Writes a number.</summary>
    public void Write(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_bytes.GetSpan(sizeof(long)), value);
        _bytes.Advance(sizeof(long));
    }

    /// <summary>Writes bytes, and how many there are.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        Write(bytes.Length);
        _bytes.Write(bytes);
    }

    /// <summary>Writes a text.</summary>
    public void Write(string text) => Write(Encoding.UTF8.GetBytes(text).AsSpan());
}
