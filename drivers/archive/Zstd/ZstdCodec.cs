using Kaleidofs.Drivers.Archive.Decoding;

namespace Kaleidofs.Drivers.Archive.Zstd;

/// <summary>Zstandard frames, one behind the other (RFC 8878), skippable ones among them: what pzstd, the seekable format and <c>cat</c> make, too.</summary>
internal sealed class ZstdCodec : Codec
{
    private readonly bool _countsCrc;

    private ZstdCodec(bool countsCrc) => _countsCrc = countsCrc;

    public static ZstdCodec Instance { get; } = new(countsCrc: false);

    /// <summary>For a zip, which has a checksum of its own.</summary>
    public static ZstdCodec InZip { get; } = new(countsCrc: true);

    public override string Name => "zstd";

    public override IReadOnlyList<string> Endings { get; } = [".zst", ".zstd", ".tzst"];

    public override bool Recognizes(ReadOnlySpan<byte> head) => head.StartsWith(ZstdFrame.Magic) || ZstdFrame.IsSkippableBeforeFrame(head);

    public override bool CanEncode => true;

    public override void Encode(ReadOnlySpan<byte> content, Stream output)
    {
        using ZstdCompressor compressor = new();
        output.Write(compressor.Compress(content));
    }

    public override SeekPoint GetStart(ByteRange range) => new(0, range.Start);

    public override StreamCursor Open(ByteRange range, SeekPoints? points) => new ZstdCursor(range, GetStart(range), points, _countsCrc);
}
