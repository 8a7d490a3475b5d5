using Kaleidofs.Drivers.Archive.Decoding;

namespace Kaleidofs.Drivers.Archive.Compress;

/// <summary>A position in a .Z.</summary>
internal sealed class CompressCursor(ByteRange range, SeekPoint start) : FrameCursor(range, start, points: null, countsCrc: false)
{
    private readonly LzwDecoder _decoder = new();

    /// <inheritdoc/>
    protected override void Resume(SeekPoint point)
    {
    }

    /// <inheritdoc/>
    protected override bool TryBeginFrame()
    {
        if (!TryPeek(CompressCodec.HeaderLength, out ReadOnlySpan<byte> header))
        {
            return false;
        }
        byte flags = header[^1];
        if (!header.StartsWith(CompressCodec.Magic) || !LzwDecoder.IsSupported(flags))
        {
            return Fail(StreamFailure.Damaged);
        }
        Input.Take(CompressCodec.HeaderLength);
        _decoder.Start(flags);
        IsInFrame = true;
        return true;
    }

    /// <inheritdoc/>
    protected override DecodeStep Decode(int room, out int produced)
    {
        StreamFailure failure = _decoder.Run(Input, Output.AsSpan(0, room), out produced);
        if (failure == StreamFailure.None)
        {
            return produced < room ? DecodeStep.FrameEnd : DecodeStep.More;
        }
        Fail(failure);
        return DecodeStep.Failed;
    }

    /// <inheritdoc/>
    protected override bool TryEndFrame()
    {
        IsEnded = true;
        return true;
    }

    /// <inheritdoc/>
    protected override void DisposeDecoder()
    {
    }
}
