using System.IO.Compression;
using Kaleidofs.Drivers.Archive.Decoding;
using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive.Deflate;

/// <summary>Gzip members, one after the other (RFC 1952).</summary>
internal sealed class GzipCodec : Codec
{
    public static GzipCodec Instance { get; } = new();

    public override string Name => "gzip";

    public override bool SeeksWell => true;

    public override IReadOnlyList<string> Endings { get; } = [".gz", ".tgz"];

    public override bool Recognizes(ReadOnlySpan<byte> head) => head.StartsWith(GzipHeader.Magic);

    public override bool CanEncode => true;

    public override void Encode(ReadOnlySpan<byte> content, Stream output)
    {
        using GZipStream member = new(output, CompressionLevel.Optimal, leaveOpen: true);
        member.Write(content);
    }

    public override SeekPoint? LoadPoint(long output, long input, IndexRecordReader record) => InflatePoint.Load(output, input, record);

    public override SeekPoint GetStart(ByteRange range) => InflatePoint.Start(0, range.Start, isMember: true);

    public override StreamCursor Open(ByteRange range, SeekPoints? points) => new InflateCursor(range, isGzip: true, points);
}
