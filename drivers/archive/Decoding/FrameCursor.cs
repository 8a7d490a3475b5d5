using Kaleidofs.Drivers.Archive.Deflate;

namespace Kaleidofs.Drivers.Archive.Decoding;

/// <summary>
/// A position in what comes out of frames (members, blocks: what a codec can begin to decode at), one behind the other,
/// that a library decodes from a buffer of input to a buffer of output.
/// </summary>
internal abstract class FrameCursor : StreamCursor
{
    private readonly SeekPoint _start;
    private readonly SeekPoints? _points;
    private readonly bool _countsCrc;
    private readonly DecoderBuffers _buffers = DecoderBuffers.Rent();
    private long _verified;
    private uint _crc;
    private bool _isPlaced;
    private bool _isLost;
    private bool _isWhole;
    private bool _isDisposed;

    /// <param name="range">The data.</param>
    /// <param name="start">Its beginning.</param>
    /// <param name="points">Where to put the seek points that come by; null for none.</param>
    /// <param name="countsCrc">Whether somebody wants to know the CRC-32: counting it takes longer than some codecs take to decode.</param>
    protected FrameCursor(ByteRange range, SeekPoint start, SeekPoints? points, bool countsCrc)
    {
        Range = range;
        Input = new DecoderInput(range, _buffers.Input);
        _start = start;
        _points = points;
        _countsCrc = countsCrc;
    }

    /// <inheritdoc/>
    public sealed override long InputPosition => Math.Clamp(Input.Position, Range.Start, Range.End);

    /// <inheritdoc/>
    public sealed override uint? Crc => _isWhole && _countsCrc ? _crc : null;

    /// <inheritdoc/>
    public sealed override long VerifiedPosition => _verified;

    protected ByteRange Range { get; }

    protected DecoderInput Input { get; }

    /// <summary>Where <see cref="Decode"/> puts what comes out; pinned.</summary>
    protected byte[] Output => _buffers.Output;

    /// <summary>Whether a frame has begun and not ended.</summary>
    protected bool IsInFrame { get; set; }

    /// <summary>Whether there is no further frame.</summary>
    protected bool IsEnded { get; set; }

    /// <summary>Whether a seek point here is worth having.</summary>
    protected bool WantsPoint => _points is not null && _points.IsDue(Position);

    /// <inheritdoc/>
    public sealed override bool MoveTo(SeekPoint point)
    {
        Failure = StreamFailure.None;
        Position = point.Output;
        _verified = point.Output;
        _crc = 0;
        _isPlaced = true;
        _isWhole = point.Output == 0 && point.Input == _start.Input;
        IsInFrame = false;
        IsEnded = false;
        Input.MoveTo(point.Input);
        Resume(point);
        _isLost = false;
        return true;
    }

    /// <inheritdoc/>
    public sealed override bool TryRead(Span<byte> destination, out int count)
    {
        count = 0;
        if (!_isPlaced)
        {
            MoveTo(_start);
        }
        while (count < destination.Length && !IsEnded && !_isLost)
        {
            int produced = 0;
            _isLost = !(IsInFrame ? TryDecode(destination[count..], out produced) : TryBeginFrame());
            count += produced;
        }
        return !_isLost;
    }

    /// <inheritdoc/>
    public sealed override void Dispose()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            DisposeDecoder();
            DecoderBuffers.Return(_buffers);
        }
    }

    /// <summary>Prepares for the frame at a seek point, where the input stands.</summary>
    protected abstract void Resume(SeekPoint point);

    /// <summary>Looks at what stands where the input is: begins a frame, ends the stream, or passes over something that is neither; false if it fails.</summary>
    protected abstract bool TryBeginFrame();

    /// <summary>Decodes from the input, of which there is some unless it has ended, to <see cref="Output"/>.</summary>
    /// <param name="room">How many bytes may come out: at least one.</param>
    /// <param name="produced">How many did.</param>
    protected abstract DecodeStep Decode(int room, out int produced);

    /// <summary>Looks at what stands behind a frame; false if it fails.</summary>
    protected virtual bool TryEndFrame() => true;

    /// <summary>Ends what the library has.</summary>
    protected abstract void DisposeDecoder();

    protected void AddPoint(SeekPoint point) => _points?.Add(point);

    /// <summary>Passes over what has no content; its length, the header's own included, stands in the header.</summary>
    protected bool TryPass(int headerLength, Func<ReadOnlySpan<byte>, long> getLength)
    {
        if (!TryPeek(headerLength, out ReadOnlySpan<byte> header))
        {
            return false;
        }
        long length = getLength(header);
        if (length > Range.End - Input.Position)
        {
            return Fail(StreamFailure.CutOff);
        }
        Input.MoveTo(Input.Position + length);
        return true;
    }

    /// <summary>Gets bytes at hand without taking them; false, as a failure, if there are fewer.</summary>
    protected bool TryPeek(int count, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        if (!Input.TryFill(count))
        {
            return Fail(StreamFailure.Unreadable);
        }
        if (Input.Count < count)
        {
            return Fail(StreamFailure.CutOff);
        }
        bytes = Input.Bytes[..count];
        return true;
    }

    private bool TryDecode(Span<byte> destination, out int produced)
    {
        produced = 0;
        if (!Input.TryFill(1))
        {
            return Fail(StreamFailure.Unreadable);
        }
        long before = Input.Position;
        DecodeStep step = Decode(Math.Min(destination.Length, Output.Length), out produced);
        ReadOnlySpan<byte> output = Output.AsSpan(0, produced);
        output.CopyTo(destination);
        Position += produced;
        if (_countsCrc && _isWhole)
        {
            _crc = Crc32.Append(_crc, output);
        }
        if (step == DecodeStep.FrameEnd)
        {
            IsInFrame = false;
            _verified = Position;
            return TryEndFrame();
        }
        if (step == DecodeStep.Failed)
        {
            return false;
        }
        // Nothing moved: that is for ever, with input at hand by a flaw of the data, without by its end.
        return produced > 0 || Input.Position != before || Fail(Input.IsAtEnd ? StreamFailure.CutOff : StreamFailure.Damaged);
    }
}
