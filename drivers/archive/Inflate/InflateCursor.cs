namespace Kaleidofs.Drivers.Archive.Inflate;

/// <summary>
/// A position in deflated data that moves forward as it is read, and can be set to a seek point. Never makes more output than it
/// is asked for. Used by one thread at a time.
/// </summary>
internal sealed class InflateCursor : IDisposable
{
    private readonly DeflatedRange _range;
    private readonly SeekPoints? _points;
    private readonly Inflater _inflater = Inflater.Rent();
    private long _nextInput;
    private bool _isEnded;
    private bool _isLost;
    // What the current member's checksum and length are so far, while it has been decoded from its beginning.
    private long _memberLength;

    /// <param name="range">The data.</param>
    /// <param name="points">Where to put the seek points that come by; null for none.</param>
    public InflateCursor(DeflatedRange range, SeekPoints? points)
    {
        _range = range;
        _points = points;
        MoveTo(SeekPoint.Start(0, range.Start, range.IsGzip));
    }

    /// <summary>How many bytes of output lie before the cursor.</summary>
    public long Position { get; private set; }

    /// <summary>Whether all of the current member has been decoded, so that <see cref="Crc"/> tells something.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>The checksum of what came out.</summary>
    public uint Crc { get; private set; }

    /// <summary>Why the last call failed.</summary>
    public InflateFailure Failure { get; private set; }

    /// <summary>The first byte of input that has not been taken.</summary>
    public long InputPosition => _nextInput - _inflater.AvailableInput;

    /// <summary>Continues from a seek point; false if the data cannot be read or is damaged.</summary>
    public bool MoveTo(SeekPoint point)
    {
        _isLost = !TryMoveTo(point);
        return !_isLost;
    }

    private bool TryMoveTo(SeekPoint point)
    {
        Failure = InflateFailure.None;
        Position = point.Output;
        _isEnded = false;
        IsWhole = point.Bits == 0 && point.Input == _range.Start;
        StartMember(point.Input);
        if (point.IsMember)
        {
            IsWhole = true;
            return TryReadMemberHeader();
        }
        if (IsWhole)
        {
            return true;
        }
        byte before = 0;
        if (point.Bits > 0 && !_range.File.TryRead(point.Input - 1, new Span<byte>(ref before)))
        {
            return Fail(InflateFailure.Unreadable);
        }
        Span<byte> buffer = stackalloc byte[ZLib.WindowLength];
        _inflater.Restore(point.Bits, before, point.GetWindow(buffer));
        return true;
    }

    /// <summary>Reads until <paramref name="destination"/> is full or the data ends; false if it is damaged or cannot be read.</summary>
    public bool TryRead(Span<byte> destination, out int count)
    {
        count = 0;
        while (count < destination.Length && !_isEnded && !_isLost)
        {
            _isLost = !TryRun(destination[count..], out int produced);
            count += produced;
        }
        return !_isLost;
    }

    /// <summary>Whether the data ends here, without another byte of output.</summary>
    public bool TryReadEnd()
    {
        Span<byte> more = stackalloc byte[1];
        return TryRead(more, out int count) && count == 0;
    }

    /// <inheritdoc/>
    public void Dispose() => _inflater.Dispose();

    private bool TryRun(Span<byte> destination, out int produced)
    {
        produced = 0;
        if (_inflater.AvailableInput == 0 && !TryFill())
        {
            return false;
        }
        bool wantsPoint = _points is not null && _points.IsDue(Position);
        int before = _inflater.AvailableInput;
        int result = _inflater.Run(destination.Length, wantsPoint, out produced);
        if (result is not (ZLib.Ok or ZLib.StreamEnd or ZLib.BufferError))
        {
            return Fail(InflateFailure.Damaged);
        }
        Span<byte> output = _inflater.Output.AsSpan(0, produced);
        output.CopyTo(destination);
        Position += produced;
        _memberLength += produced;
        if (IsWhole)
        {
            Crc = Crc32.Append(Crc, output);
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
        return Fail(_inflater.AvailableInput == 0 ? InflateFailure.CutOff : InflateFailure.Damaged);
    }

    private bool Fail(InflateFailure failure)
    {
        Failure = failure;
        return false;
    }

    private void AddPoint()
    {
        Span<byte> buffer = stackalloc byte[ZLib.WindowLength];
        _points!.Add(SeekPoint.Within(Position, InputPosition, _inflater.UnusedBits, _inflater.GetWindow(buffer)));
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
            return Fail(InflateFailure.Unreadable);
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
        Crc = 0;
    }

    /// <summary>At the end of a stream: its trailer, and the next member if there is one.</summary>
    private bool TryEndMember()
    {
        if (!_range.IsGzip)
        {
            _isEnded = true;
            return true;
        }
        if (!TryReadWord(out uint crc) || !TryReadWord(out uint length))
        {
            return Fail(InflateFailure.CutOff);
        }
        if (IsWhole && (crc != Crc || length != (uint)_memberLength))
        {
            return Fail(InflateFailure.WrongChecksum);
        }
        return TryStartNextMember();
    }

    private bool TryStartNextMember()
    {
        long start = InputPosition;
        if (!Gzip.GzipHeader.IsAt(_range.File, start, _range.End))
        {
            // Zeros of a tape, or anything else that is no member: gzip ignores it, too.
            _isEnded = true;
            return true;
        }
        StartMember(start);
        IsWhole = true;
        if (_points is not null && _points.IsDue(Position))
        {
            _points.Add(SeekPoint.Start(Position, start, isMember: true));
        }
        return TryReadMemberHeader();
    }

    private bool TryReadMemberHeader()
    {
        if (!Gzip.GzipHeader.TryRead(_range.File, _nextInput, _range.End, out long end))
        {
            return Fail(InflateFailure.Damaged);
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
