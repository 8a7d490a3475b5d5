using Kaleidofs.Drivers.Archive.Decoding;

namespace Kaleidofs.Drivers.Archive.Xz;

/// <summary>A position in what liblzma decodes.</summary>
internal abstract class LzmaFrameCursor(ByteRange range, SeekPoint start, SeekPoints? points, bool countsCrc) : FrameCursor(range, start, points, countsCrc)
{
    protected LzmaDecoder Decoder { get; } = new();

    /// <inheritdoc/>
    protected sealed override DecodeStep Decode(int room, out int produced)
    {
        int result = Decoder.Run(Input, Output, room, out produced);
        switch (result)
        {
            case LzmaLibrary.StreamEnd:
                return DecodeStep.FrameEnd;
            case LzmaLibrary.Ok or LzmaLibrary.BufferError:
                return DecodeStep.More;
            default:
                Fail(LzmaDecoder.ToFailure(result));
                return DecodeStep.Failed;
        }
    }

    /// <inheritdoc/>
    protected sealed override void DisposeDecoder() => Decoder.Dispose();

    /// <summary>Begins a frame that the decoder was started for.</summary>
    protected bool TryBegin(StreamFailure failure)
    {
        if (failure != StreamFailure.None)
        {
            return Fail(failure);
        }
        IsInFrame = true;
        return true;
    }
}
