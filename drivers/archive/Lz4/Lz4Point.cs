using Kaleidofs.Drivers.Archive.Decoding;

namespace Kaleidofs.Drivers.Archive.Lz4;

/// <summary>The beginning of a block in a frame whose blocks do not need each other.</summary>
/// <param name="output">The position in what comes out.</param>
/// <param name="input">Where the block's length stands.</param>
/// <param name="header">The frame's header.</param>
internal sealed class Lz4Point(long output, long input, Lz4FrameHeader header) : SeekPoint(output, input)
{
    public Lz4FrameHeader Header { get; } = header;
}
