using Kaleidofs.Drivers.Archive.Decoding;

namespace Kaleidofs.Drivers.Archive.Xz;

/// <summary>Members of lzip, one behind the other.</summary>
internal sealed class LzipCodec : Codec
{
    public static LzipCodec Instance { get; } = new();

    /// <summary>The first bytes of a member.</summary>
    public static ReadOnlySpan<byte> Magic => "LZIP"u8;

    public override string Name => "lzip";

    public override IReadOnlyList<string> Endings { get; } = [".lz", ".tlz"];

    public override bool Recognizes(ReadOnlySpan<byte> head) => head.StartsWith(Magic);

    public override SeekPoint GetStart(ByteRange range) => new(0, range.Start);

    public override StreamCursor Open(ByteRange range, SeekPoints? points) => new LzipCursor(range, GetStart(range), points);
}
