using Kaleidofs.Drivers.Archive.Decoding;

namespace Kaleidofs.Drivers.Archive.Deflate64;

/// <summary>A deflate64 stream, which only zips have.</summary>
internal sealed class Deflate64Codec : Codec
{
    public static Deflate64Codec Instance { get; } = new();

    public override string Name => "deflate64";

    public override bool SeeksWell => true;

    public override int IndexVersion => 0;

    public override SeekPoint GetStart(ByteRange range) => Deflate64Point.Start(range);

    public override StreamCursor Open(ByteRange range, SeekPoints? points) => new Deflate64Cursor(range, points);
}
