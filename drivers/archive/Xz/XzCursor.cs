using Kaleidofs.Drivers.Archive.Decoding;

namespace Kaleidofs.Drivers.Archive.Xz;

/// <summary>
/// A position in blocks of xz. The streams around the blocks are taken apart here and not by liblzma, which does not tell
/// where a block ends, and cannot begin at one.
/// </summary>
internal sealed class XzCursor(ByteRange range, SeekPoint start, SeekPoints? points, bool countsCrc) : LzmaFrameCursor(range, start, points, countsCrc)
{
    private const int PaddingUnit = 4;

    private XzStreamHeader _header;
    private bool _isInStream;
    // Whether the stream is decoded from its first block on, so that its index can be compared.
    private bool _isWholeStream;
    private XzTally _tally;
    private long _blockStart;

    /// <inheritdoc/>
    protected override void Resume(SeekPoint point)
    {
        _isInStream = point is XzPoint;
        _isWholeStream = false;
        _header = point is XzPoint block ? block.Header : default;
    }

    /// <inheritdoc/>
    protected override bool TryBeginFrame()
    {
        if (!_isInStream)
        {
            return TryBeginStream();
        }
        if (!TryPeek(1, out ReadOnlySpan<byte> first))
        {
            return false;
        }
        // Blocks tell the length of their headers; an index stands where that is nothing.
        return first[0] == 0 ? TryEndStream() : TryBeginBlock((first[0] + 1) * sizeof(uint));
    }

    /// <inheritdoc/>
    protected override bool TryEndFrame()
    {
        _tally.Add(Decoder.BlockLength, Position - _blockStart);
        return true;
    }

    private bool TryBeginBlock(int headerLength)
    {
        if (!TryPeek(headerLength, out ReadOnlySpan<byte> header))
        {
            return false;
        }
        StreamFailure failure = Decoder.StartBlock(header, _header.Check);
        if (failure == StreamFailure.None && WantsPoint)
        {
            AddPoint(new XzPoint(Position, Input.Position, _header));
        }
        Input.Take(headerLength);
        _blockStart = Position;
        return TryBegin(failure);
    }

    private bool TryBeginStream()
    {
        if (!TryPassPadding())
        {
            return false;
        }
        if (Input.IsAtEnd && Input.Position > Range.Start)
        {
            IsEnded = true;
            return true;
        }
        if (!TryPeek(XzStreamHeader.Length, out ReadOnlySpan<byte> bytes))
        {
            return false;
        }
        if (!XzStreamHeader.TryRead(bytes, out _header))
        {
            return Fail(StreamFailure.Damaged);
        }
        Input.Take(XzStreamHeader.Length);
        _isInStream = true;
        _isWholeStream = true;
        _tally = default;
        return true;
    }

    /// <summary>Behind a stream there may be zeros, four by four.</summary>
    private bool TryPassPadding()
    {
        long start = Input.Position;
        while (start > Range.Start)
        {
            if (!Input.TryFill(1))
            {
                return Fail(StreamFailure.Unreadable);
            }
            int zeros = Input.Bytes.IndexOfAnyExcept((byte)0);
            bool isAllZeros = zeros < 0;
            Input.Take(isAllZeros ? Input.Count : zeros);
            if (!isAllZeros || Input.IsAtEnd)
            {
                break;
            }
        }
        return (Input.Position - start) % PaddingUnit == 0 || Fail(StreamFailure.Damaged);
    }

    private bool TryEndStream()
    {
        XzIndexReader index = new(Input);
        StreamFailure failure = index.Read();
        if (failure != StreamFailure.None)
        {
            return Fail(failure);
        }
        if (!TryPeek(XzStreamHeader.Length, out ReadOnlySpan<byte> footer))
        {
            return false;
        }
        if (!_header.Agrees(footer, index.Length) || (_isWholeStream && !index.Tally.Equals(_tally)))
        {
            return Fail(StreamFailure.Damaged);
        }
        Input.Take(XzStreamHeader.Length);
        _isInStream = false;
        return true;
    }
}
