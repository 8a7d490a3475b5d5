using Kaleidofs.Drivers.Archive.Decoding;

namespace Kaleidofs.Drivers.Archive.Xz;

/// <summary>The beginning of a block.</summary>
/// <param name="output">The position in what comes out.</param>
/// <param name="input">Where the block's header stands.</param>
/// <param name="header">The stream's header, which tells the type of the checks.</param>
internal sealed class XzPoint(long output, long input, XzStreamHeader header) : SeekPoint(output, input)
{
    public XzStreamHeader Header { get; } = header;
}
