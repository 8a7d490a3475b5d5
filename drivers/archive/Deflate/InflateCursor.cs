using Kaleidofs.Drivers.Archive.Decoding;

namespace Kaleidofs.Drivers.Archive.Deflate;

/// <summary>A position in deflated data: a bare stream, or gzip members.</summary>
internal sealed class InflateCursor : StreamCursor
{
    private readonly ByteRange _range;
    private readonly bool _isGzip;
    private readonly SeekPoints? _points;
    private readonly Inflater _inflater;
    private long _nextInput;
    private bool _isEnded;
    private bool _isLost;
    // What the current member's checksum and length are so far, while it has been decoded from its beginning.
    private bool _isWhole;
    private uint _crc;
    private long _memberLength;

    /// <param name="range">The data.</param>
    /// <param name="isGzip">Whether it is gzip members one after the other, rather than one bare stream.</param>
    /// <param name="points">Where to put the seek points that come by; null for none.</param>
    public InflateCursor(ByteRange range, bool isGzip, SeekPoints? points)
    {
        _range = range;
        _isGzip = isGzip;
        _points = points;
        _inflater = Inflater.Rent(tellsOfBlocks: points is not null);
        MoveTo(InflatePoint.Start(0, range.Start, isGzip));
    }

    /// <inheritdoc/>
    public override long InputPosition => _nextInput - _inflater.AvailableInput;

    /// <summary>Of a bare stream; a gzip member's is compared at its end.</summary>
    public override uint? Crc => _isWhole && !_isGzip ? _crc : null;

    /// <inheritdoc/>
    public override bool MoveTo(SeekPoint point)
    {
        _isLost = !TryMoveTo((InflatePoint)point);
        return !_isLost;
    }

    private bool TryMoveTo(InflatePoint point)
    {
        Failure = StreamFailure.None;
        Position = point.Output;
        _isEnded = false;
        _isWhole = point.Bits == 0 && point.Input == _range.Start;
        StartMember(point.Input);
        if (point.IsMember)
        {
            _isWhole = true;
            return TryReadMemberHeader();
        }
        if (_isWhole)
        {
            return true;
        }
        byte before = 0;
        if (point.Bits > 0 && !_range.File.TryRead(point.Input - 1, new Span<byte>(ref before)))
        {
            return Fail(StreamFailure.Unreadable);
        }
        Span<byte> buffer = stackalloc byte[ZLib.WindowLength];
        _inflater.Restore(point.Bits, before, point.GetWindow(buffer));
        return true;
    }

    /// <inheritdoc/>
    public override bool TryRead(Span<byte> destination, out int count)
    {
        count = 0;
        while (count < destination.Length && !_isEnded && !_isLost)
        {
            _isLost = !TryRun(destination[count..], out int produced);
            count += produced;
        }
        return !_isLost;
    }

    /// <inheritdoc/>
    public override void Dispose() => _inflater.Dispose();

    private bool TryRun(Span<byte> destination, out int produced)
    {
        produced = 0;
        if (_inflater.AvailableInput == 0 && !TryFill())
        {
            return false;
        }
        bool wantsPoint = _points is { FramesOnly: false } && _points.IsDue(Position);
        int before = _inflater.AvailableInput;
        int result = _inflater.Run(destination.Length, wantsPoint, out produced);
        if (result is not (ZLib.Ok or ZLib.StreamEnd or ZLib.BufferError))
        {
            return Fail(StreamFailure.Damaged);
        }
        Span<byte> output = _inflater.Output.AsSpan(0, produced);
        output.CopyTo(destination);
        Position += produced;
        _memberLength += produced;
        if (_isWhole)
        {
            _crc = Crc32.Append(_crc, output);
        }
        if (result == ZLib.StreamEnd)
        {
            return TryEndMember();
        }
        if (wantsPoint && _inflater.IsBetweenBlocks)
        {
            AddPoint();
        }
        bool hasMoved = produced > 0 || _inflater.AvailableInput < before;
        // Input left over while there was room: that cannot be, so do not try for ever. No input left: the data was cut off, unless more comes.
        if (hasMoved || (_inflater.AvailableInput == 0 && _nextInput < _range.End))
        {
            return true;
        }
        return Fail(_inflater.AvailableInput == 0 ? StreamFailure.CutOff : StreamFailure.Damaged);
    }

    private void AddPoint()
    {
        Span<byte> buffer = stackalloc byte[ZLib.WindowLength];
        _points!.Add(InflatePoint.Within(Position, InputPosition, _inflater.UnusedBits, _inflater.GetWindow(buffer)));
    }

    private bool TryFill()
    {
        int length = (int)Math.Min(_inflater.Input.Length, _range.End - _nextInput);
        if (length <= 0)
        {
            // Let the inflater say whether it needs more: bits may be left in it.
            _inflater.SetInput(0, 0);
            return true;
        }
        if (!_range.File.TryRead(_nextInput, _inflater.Input.AsSpan(0, length)))
        {
            return Fail(StreamFailure.Unreadable);
        }
        _nextInput += length;
        _inflater.SetInput(0, length);
        return true;
    }

    private void StartMember(long input)
    {
        _inflater.Reset();
        _nextInput = input;
        _memberLength = 0;
        _crc = 0;
    }

    /// <summary>At the end of a stream: its trailer, and the next member if there is one.</summary>
    private bool TryEndMember()
    {
        if (!_isGzip)
        {
            _isEnded = true;
            return true;
        }
        if (!TryReadWord(out uint crc) || !TryReadWord(out uint length))
        {
            return Fail(StreamFailure.CutOff);
        }
        if (_isWhole && (crc != _crc || length != (uint)_memberLength))
        {
            return Fail(StreamFailure.WrongChecksum);
        }
        return TryStartNextMember();
    }

    private bool TryStartNextMember()
    {
        long start = InputPosition;
        if (!GzipHeader.IsAt(_range.File, start, _range.End))
        {
            // Zeros of a tape, or anything else that is no member: gzip ignores it, too.
            _isEnded = true;
            return true;
        }
        StartMember(start);
        _isWhole = true;
        if (_points is not null && _points.IsDue(Position))
        {
            _points.Add(InflatePoint.Start(Position, start, isMember: true));
        }
        return TryReadMemberHeader();
    }

    private bool TryReadMemberHeader()
    {
        if (!GzipHeader.TryRead(_range.File, _nextInput, _range.End, out long end))
        {
            return Fail(StreamFailure.Damaged);
        }
        _nextInput = end;
        return true;
    }

    private bool TryReadWord(out uint value)
    {
        value = 0;
        for (int i = 0; i < sizeof(uint); i++)
        {
            if (_inflater.AvailableInput == 0 && (!TryFill() || _inflater.AvailableInput == 0))
            {
                return false;
            }
            int position = _inflater.InputPosition;
            value |= (uint)_inflater.Input[position] << (8 * i);
            _inflater.SetInput(position + 1, _inflater.AvailableInput - 1);
        }
        return true;
    }
}
