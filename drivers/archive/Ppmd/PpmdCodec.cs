using Kaleidofs.Drivers.Archive.Decoding;

namespace Kaleidofs.Drivers.Archive.Ppmd;

/// <summary>PPMd variant I revision 1, as in a zip.</summary>
internal sealed class PpmdCodec : Codec
{
    public static PpmdCodec Instance { get; } = new();

    public override string Name => "PPMd";

    public override SeekPoint GetStart(ByteRange range) => new(0, range.Start);

    public override StreamCursor Open(ByteRange range, SeekPoints? points) => new PpmdCursor(range, GetStart(range));
}
