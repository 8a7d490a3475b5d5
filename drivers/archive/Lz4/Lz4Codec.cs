using Kaleidofs.Drivers.Archive.Decoding;
using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive.Lz4;

/// <summary>Frames of lz4, one behind the other, skippable ones among them.</summary>
internal sealed class Lz4Codec : Codec
{
    public static Lz4Codec Instance { get; } = new();

    public override string Name => "lz4";

    public override IReadOnlyList<string> Endings { get; } = [".lz4"];

    public override bool Recognizes(ReadOnlySpan<byte> head) => Lz4FrameHeader.TryRead(head, out _);

    public override SeekPoint? LoadPoint(long output, long input, IndexRecordReader record) => Lz4Point.Load(output, input, record);

    public override SeekPoint GetStart(ByteRange range) => new(0, range.Start);

    public override StreamCursor Open(ByteRange range, SeekPoints? points) => new Lz4Cursor(range, GetStart(range), points);
}
