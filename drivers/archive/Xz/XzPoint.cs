using Kaleidofs.Drivers.Archive.Decoding;
using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive.Xz;

/// <summary>The beginning of a block.</summary>
/// <param name="output">The position in what comes out.</param>
/// <param name="input">Where the block's header stands.</param>
/// <param name="header">The stream's header, which tells the type of the checks.</param>
internal sealed class XzPoint(long output, long input, XzStreamHeader header) : SeekPoint(output, input)
{
    public XzStreamHeader Header { get; } = header;

    /// <summary>Reads what <see cref="Save"/> wrote; null if it cannot be.</summary>
    public static XzPoint? Load(long output, long input, IndexRecordReader record)
    {
        XzStreamHeader header = new(record.ReadInt32(0, XzStreamHeader.MaxCheck));
        return record.IsGood ? new XzPoint(output, input, header) : null;
    }

    /// <inheritdoc/>
    public override void Save(IndexRecord record) => record.Write(Header.Check);
}
