using Kaleidofs.Drivers.Archive.Decoding;
using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive.Xz;

/// <summary>Streams of xz, one behind the other, each of blocks that can be decoded by themselves.</summary>
internal sealed class XzCodec : Codec
{
    private readonly bool _countsCrc;

    private XzCodec(bool countsCrc) => _countsCrc = countsCrc;

    public static XzCodec Instance { get; } = new(countsCrc: false);

    /// <summary>For a zip, which has a checksum of its own.</summary>
    public static XzCodec InZip { get; } = new(countsCrc: true);

    public override string Name => "xz";

    public override IReadOnlyList<string> Endings { get; } = [".xz", ".txz"];

    public override bool Recognizes(ReadOnlySpan<byte> head) => head.StartsWith(XzStreamHeader.Magic);

    public override SeekPoint? LoadPoint(long output, long input, IndexRecordReader record) => XzPoint.Load(output, input, record);

    public override SeekPoint GetStart(ByteRange range) => new(0, range.Start);

    public override StreamCursor Open(ByteRange range, SeekPoints? points) => new XzCursor(range, GetStart(range), points, _countsCrc);
}
