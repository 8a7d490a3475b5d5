using Kaleidofs.Drivers.Archive.Decoding;

namespace Kaleidofs.Drivers.Archive.Compress;

/// <summary>What compress(1) writes: .Z. It has no checksum, and no place to begin at but the first byte.</summary>
internal sealed class CompressCodec : Codec
{
    /// <summary>Magic and flags.</summary>
    public const int HeaderLength = 3;

    public static CompressCodec Instance { get; } = new();

    /// <summary>The first bytes.</summary>
    public static ReadOnlySpan<byte> Magic => [0x1F, 0x9D];

    public override string Name => "compress";

    public override IReadOnlyList<string> Endings { get; } = [".Z", ".taz"];

    public override bool Recognizes(ReadOnlySpan<byte> head) => head.Length >= HeaderLength && head.StartsWith(Magic) && LzwDecoder.IsSupported(head[Magic.Length]);

    public override SeekPoint GetStart(ByteRange range) => new(0, range.Start);

    public override StreamCursor Open(ByteRange range, SeekPoints? points) => new CompressCursor(range, GetStart(range));
}
