using Kaleidofs.Drivers.Archive.Decoding;
using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive.Lz4;

/// <summary>The beginning of a block in a frame whose blocks do not need each other.</summary>
/// <param name="output">The position in what comes out.</param>
/// <param name="input">Where the block's length stands.</param>
/// <param name="header">The frame's header.</param>
internal sealed class Lz4Point(long output, long input, Lz4FrameHeader header) : SeekPoint(output, input)
{
    public Lz4FrameHeader Header { get; } = header;

    /// <summary>Reads what <see cref="Save"/> wrote, or nothing of the beginning of a frame; null if it cannot be.</summary>
    public static SeekPoint? Load(long output, long input, IndexRecordReader record)
    {
        if (record.IsAtEnd)
        {
            return new SeekPoint(output, input);
        }
        Lz4FrameHeader header = new((byte)record.ReadInt32(0, byte.MaxValue), (byte)record.ReadInt32(0, byte.MaxValue));
        return record.IsGood && header.HasIndependentBlocks ? new Lz4Point(output, input, header) : null;
    }

    /// <inheritdoc/>
    public override void Save(IndexRecord record)
    {
        record.Write(Header.Flags);
        record.Write(Header.BlockLengths);
    }
}
