using Kaleidofs.Drivers.Archive.Decoding;

namespace Kaleidofs.Drivers.Archive.Xz;

/// <summary>LZMA as in a zip.</summary>
/// <param name="length">How many bytes come out.</param>
internal sealed class ZipLzmaCodec(long length) : Codec
{
    public override string Name => "lzma";

    public override SeekPoint GetStart(ByteRange range) => new(0, range.Start);

    public override StreamCursor Open(ByteRange range, SeekPoints? points) => new LzmaCursor(range, GetStart(range), length, countsCrc: true);
}
