using Kaleidofs.Drivers.Archive.Decoding;

namespace Kaleidofs.Drivers.Archive.Xz;

/// <summary>LZMA or LZMA2 without a header, and filters behind it, as in a 7z.</summary>
/// <param name="filters">The chain: what makes the content comes first.</param>
/// <param name="length">How many bytes come out.</param>
internal sealed class RawLzmaCodec(RawFilter[] filters, long length) : Codec
{
    public override string Name => "LZMA";

    public override SeekPoint GetStart(ByteRange range) => new(0, range.Start);

    public override StreamCursor Open(ByteRange range, SeekPoints? points) => new RawLzmaCursor(range, GetStart(range), filters, length);
}
