using Kaleidofs.Drivers.Archive.Decoding;
using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive.Bzip2;

/// <summary>Streams of bzip2, one behind the other, each of blocks that can be decoded by themselves.</summary>
internal sealed class Bzip2Codec : Codec
{
    private readonly bool _countsCrc;

    private Bzip2Codec(bool countsCrc) => _countsCrc = countsCrc;

    public static Bzip2Codec Instance { get; } = new(countsCrc: false);

    /// <summary>For a zip, which has a checksum of its own.</summary>
    public static Bzip2Codec InZip { get; } = new(countsCrc: true);

    public override string Name => "bzip2";

    public override IReadOnlyList<string> Endings { get; } = [".bz2", ".bz", ".tbz2", ".tbz"];

    public override bool Recognizes(ReadOnlySpan<byte> head)
        => Bzip2Format.TryReadHeader(head, out _)
            && (head.Length < Bzip2Format.HeaderLength + (Bzip2Format.MagicBits / 8) || Bzip2Format.BeginsBlock(head[Bzip2Format.HeaderLength..]));

    public override SeekPoint? LoadPoint(long output, long input, IndexRecordReader record) => Bzip2Point.Load(output, input, record);

    public override SeekPoint GetStart(ByteRange range) => new(0, range.Start);

    public override StreamCursor Open(ByteRange range, SeekPoints? points) => new Bzip2Cursor(range, GetStart(range), points, _countsCrc);
}
