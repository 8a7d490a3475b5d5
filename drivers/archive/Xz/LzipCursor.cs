using Kaleidofs.Drivers.Archive.Decoding;

namespace Kaleidofs.Drivers.Archive.Xz;

/// <summary>A position in members of lzip.</summary>
internal sealed class LzipCursor(ByteRange range, SeekPoint start, SeekPoints? points) : LzmaFrameCursor(range, start, points, countsCrc: false)
{
    /// <inheritdoc/>
    protected override void Resume(SeekPoint point)
    {
    }

    /// <inheritdoc/>
    protected override bool TryBeginFrame()
    {
        if (!Input.TryFill(LzipCodec.Magic.Length))
        {
            return Fail(StreamFailure.Unreadable);
        }
        if (!Input.Bytes.StartsWith(LzipCodec.Magic))
        {
            // Behind a member lzip ignores what is none; without one this is no lzip.
            IsEnded = Input.Position > Range.Start;
            return IsEnded || Fail(StreamFailure.Damaged);
        }
        if (WantsPoint)
        {
            AddPoint(new SeekPoint(Position, Input.Position));
        }
        return TryBegin(Decoder.StartLzip());
    }
}
