using Kaleidofs.Drivers.Archive.Decoding;

namespace Kaleidofs.Drivers.Archive.Xz;

/// <summary>A position in what comes out of a chain of liblzma's filters.</summary>
internal sealed class RawLzmaCursor(ByteRange range, SeekPoint start, RawFilter[] filters, long length) : LzmaFrameCursor(range, start, points: null, countsCrc: true)
{
    /// <inheritdoc/>
    protected override void Resume(SeekPoint point)
    {
    }

    /// <inheritdoc/>
    protected override bool TryBeginFrame() => TryBegin(Decoder.StartRaw(filters, length));

    /// <inheritdoc/>
    protected override bool TryEndFrame()
    {
        // What an encryption padded is behind it.
        IsEnded = true;
        return true;
    }
}
