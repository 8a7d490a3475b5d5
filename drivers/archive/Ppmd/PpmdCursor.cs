using System.Buffers.Binary;
using Kaleidofs.Drivers.Archive.Decoding;

namespace Kaleidofs.Drivers.Archive.Ppmd;

/// <summary>A position in a zip entry by PPMd (APPNOTE.TXT, 5.10): two bytes of parameters, then variant I up to its end mark.</summary>
internal sealed class PpmdCursor(ByteRange range, SeekPoint start) : FrameCursor(range, start, points: null, countsCrc: true)
{
    private const int HeaderLength = 2;
    private const int Restart = 0;
    private const int CutOff = 1;

    private PpmdMemory? _memory;
    private PpmdModel? _model;
    private RangeDecoder _decoder;

    /// <inheritdoc/>
    protected override void Resume(SeekPoint point)
    {
    }

    /// <inheritdoc/>
    protected override bool TryBeginFrame()
    {
        bool hasBegun = TryBegin();
        _memory?.Leave();
        IsInFrame = hasBegun;
        return hasBegun;
    }

    /// <inheritdoc/>
    protected override DecodeStep Decode(int room, out int produced)
    {
        produced = 0;
        bool isThere = _memory!.TryEnter() || (TryBegin() && TryPass(Position));
        try
        {
            return isThere ? Decode(Output.AsSpan(0, room), out produced) : DecodeStep.Failed;
        }
        finally
        {
            _memory.Leave();
        }
    }

    /// <inheritdoc/>
    protected override bool TryEndFrame()
    {
        IsEnded = true;
        // The decoder is always four bytes ahead, and as many are written at the end.
        return Input.IsAtEnd || Fail(StreamFailure.Damaged);
    }

    /// <inheritdoc/>
    protected override void DisposeDecoder() => _memory?.Release();

    /// <summary>Begins at the first symbol; the memory is entered, if there is some.</summary>
    private bool TryBegin()
    {
        Input.MoveTo(Range.Start);
        if (!TryPeek(HeaderLength, out ReadOnlySpan<byte> header))
        {
            return false;
        }
        int parameters = BinaryPrimitives.ReadUInt16LittleEndian(header);
        int order = (parameters & 0xF) + 1;
        int length = (((parameters >> 4) & 0xFF) + 1) << 20;
        int method = parameters >> 12;
        if (order < PpmdModel.MinOrder || method is not (Restart or CutOff))
        {
            return Fail(StreamFailure.Damaged);
        }
        Input.Take(HeaderLength);
        _decoder = new RangeDecoder(Input);
        if (!_decoder.TryStart())
        {
            return Fail(_decoder.Failure == StreamFailure.None ? StreamFailure.Damaged : _decoder.Failure);
        }
        _memory?.Release();
        if (PpmdMemory.TryAcquire(length + PpmdHeap.Overhead) is not { } memory)
        {
            return Fail(StreamFailure.TooLarge);
        }
        _memory = memory;
        _model = new PpmdModel(new PpmdHeap(memory.Bytes, length), order, method == CutOff);
        return _decoder.Failure == StreamFailure.None || Fail(_decoder.Failure);
    }

    /// <summary>Decodes what was decoded before the memory was lost.</summary>
    private bool TryPass(long count)
    {
        while (count > 0)
        {
            DecodeStep step = Decode(Output.AsSpan(0, (int)Math.Min(count, Output.Length)), out int passed);
            if (step != DecodeStep.More)
            {
                return step == DecodeStep.Failed ? false : Fail(StreamFailure.Damaged);
            }
            count -= passed;
        }
        return true;
    }

    private DecodeStep Decode(Span<byte> output, out int produced)
    {
        produced = 0;
        try
        {
            while (produced < output.Length)
            {
                int symbol = _model!.Decode(ref _decoder);
                if (_decoder.Failure != StreamFailure.None || symbol == PpmdModel.Damaged)
                {
                    Fail(_decoder.Failure != StreamFailure.None ? _decoder.Failure : StreamFailure.Damaged);
                    return DecodeStep.Failed;
                }
                if (symbol == PpmdModel.End)
                {
                    return DecodeStep.FrameEnd;
                }
                output[produced++] = (byte)symbol;
            }
            return DecodeStep.More;
        }
        catch (Exception exception) when (exception is IndexOutOfRangeException or ArgumentException or DivideByZeroException or InvalidDataException)
        {
            // The model was led to where no encoder leads it.
            Fail(StreamFailure.Damaged);
            return DecodeStep.Failed;
        }
    }
}
