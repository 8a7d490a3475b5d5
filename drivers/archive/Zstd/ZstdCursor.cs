using System.Runtime.InteropServices;
using Kaleidofs.Drivers.Archive.Decoding;

namespace Kaleidofs.Drivers.Archive.Zstd;

/// <summary>A position in frames of zstd.</summary>
internal sealed class ZstdCursor(ByteRange range, SeekPoint start, SeekPoints? points, bool countsCrc) : FrameCursor(range, start, points, countsCrc)
{
    /// <summary>128 MiB: what zstd itself takes unless it is told otherwise.</summary>
    private const int MaxWindowLog = 27;

    private const int SessionOnly = 1;

    private readonly ZstdContext _context = ZstdContext.Create(MaxWindowLog);

    /// <inheritdoc/>
    protected override void Resume(SeekPoint point) => _ = ZstdLibrary.Reset(_context, SessionOnly);

    /// <inheritdoc/>
    protected override bool TryBeginFrame()
    {
        if (!Input.TryFill(ZstdFrame.SkippableHeaderLength))
        {
            return Fail(StreamFailure.Unreadable);
        }
        if (Input.IsAtEnd)
        {
            IsEnded = true;
            return true;
        }
        if (!TryPeek(ZstdFrame.Magic.Length, out ReadOnlySpan<byte> magic))
        {
            return false;
        }
        if (ZstdFrame.IsSkippable(magic))
        {
            return TryPass(ZstdFrame.SkippableHeaderLength, ZstdFrame.GetSkippableLength);
        }
        if (!magic.SequenceEqual(ZstdFrame.Magic))
        {
            // zstd takes nothing else behind a frame, either.
            return Fail(StreamFailure.Damaged);
        }
        if (WantsPoint)
        {
            AddPoint(new SeekPoint(Position, Input.Position));
        }
        IsInFrame = true;
        return true;
    }

    /// <inheritdoc/>
    protected override DecodeStep Decode(int room, out int produced)
    {
        ZstdBuffer output = new(Marshal.UnsafeAddrOfPinnedArrayElement(Output, 0), room);
        ZstdBuffer input = new(Input.Pointer, Input.Count);
        nuint result = ZstdLibrary.Decompress(_context, ref output, ref input);
        Input.Take((int)input.Position);
        produced = (int)output.Position;
        if (ZstdLibrary.IsError(result) == 0)
        {
            return result == 0 ? DecodeStep.FrameEnd : DecodeStep.More;
        }
        Fail(ZstdLibrary.GetErrorCode(result) is ZstdLibrary.WindowTooLarge or ZstdLibrary.NoMemory ? StreamFailure.TooLarge : StreamFailure.Damaged);
        return DecodeStep.Failed;
    }

    /// <inheritdoc/>
    protected override void DisposeDecoder() => _context.Dispose();
}
