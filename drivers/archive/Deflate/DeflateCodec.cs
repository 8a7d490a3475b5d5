using Kaleidofs.Drivers.Archive.Decoding;
using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive.Deflate;

/// <summary>One bare deflate stream (RFC 1951), as in a zip.</summary>
internal sealed class DeflateCodec : Codec
{
    public static DeflateCodec Instance { get; } = new();

    public override string Name => "deflated";

    public override bool SeeksWell => true;

    public override bool IsFast => true;

    public override SeekPoint GetStart(ByteRange range) => InflatePoint.Start(0, range.Start, isMember: false);

    public override StreamCursor Open(ByteRange range, SeekPoints? points) => new InflateCursor(range, isGzip: false, points);

    public override SeekPoint? LoadPoint(long output, long input, IndexRecordReader record) => InflatePoint.Load(output, input, record);
}
