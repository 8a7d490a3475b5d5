using Kaleidofs.Drivers.Archive.Decoding;

namespace Kaleidofs.Drivers.Archive.Deflate64;

/// <summary>Decodes deflate64 (method 9 of zips): deflate with a window of 64 KiB. zlib does not know it. Used by one thread at a time.</summary>
internal sealed class Deflate64Decoder : IDisposable
{
    private const int Mask = Deflate64Tables.WindowLength - 1;

    private readonly BitInput _input;
    private readonly byte[] _window = new byte[Deflate64Tables.WindowLength];
    private readonly HuffmanCode _literals = new();
    private readonly HuffmanCode _distances = new();
    private Deflate64State _state = Deflate64State.Start;
    private int _position;
    private int _filled;
    private int _matchLeft;
    private int _matchDistance;

    public Deflate64Decoder(ByteRange range)
    {
        _input = new BitInput(range);
    }

    /// <summary>Whether all has come out.</summary>
    public bool IsEnded => _state.Phase == Deflate64Phase.Header && _state.IsLast && _matchLeft == 0;

    /// <summary>Whether this is a place to go on from: not within a repetition.</summary>
    public bool IsBetweenSymbols => _matchLeft == 0;

    public long InputPosition => (_input.BitPosition + 7) / 8;

    public StreamFailure Failure { get; private set; }

    /// <summary>What it takes to go on here, with the window's bytes.</summary>
    public Deflate64Point MakePoint(long output)
    {
        byte[] window = new byte[_filled];
        for (int i = 0; i < _filled; i++)
        {
            window[i] = _window[(_position - _filled + i) & Mask];
        }
        return Deflate64Point.Within(output, _input.BitPosition, _state, window);
    }

    /// <summary>Goes on at a place; false if that cannot be.</summary>
    public bool MoveTo(Deflate64Point point)
    {
        Failure = StreamFailure.None;
        _matchLeft = 0;
        _filled = point.GetWindow(_window);
        _position = _filled & Mask;
        _state = point.State;
        return (_input.MoveTo(point.BitPosition) || Cut())
            && (_state.Phase != Deflate64Phase.Symbols || (_literals.TrySet(_state.LiteralLengths) && _distances.TrySet(_state.DistanceLengths)) || Damaged());
    }

    /// <summary>Decodes until the destination is full or all has come out; false if the data is damaged or cannot be read.</summary>
    public bool TryRead(Span<byte> destination, out int count)
    {
        count = 0;
        while (count < destination.Length && !IsEnded)
        {
            bool isGood =
                _matchLeft > 0 ? Repeat(destination, ref count)
                : _state.Phase switch
                {
                    Deflate64Phase.Header => ReadHeader(),
                    Deflate64Phase.Stored => CopyStored(destination, ref count),
                    _ => ReadSymbols(destination, ref count),
                };
            if (!isGood)
            {
                return false;
            }
        }
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _input.Dispose();

    private bool ReadHeader()
    {
        if (!_input.TryTake(3, out int header))
        {
            return Cut();
        }
        bool isLast = (header & 1) != 0;
        switch (header >> 1)
        {
            case 0:
                _input.Skip(_input.Count % 8);
                if (!_input.TryTake(16, out int length) || !_input.TryTake(16, out int complement))
                {
                    return Cut();
                }
                _state = new Deflate64State { Phase = length == 0 ? Deflate64Phase.Header : Deflate64Phase.Stored, IsLast = isLast, StoredLeft = length };
                return (length ^ complement) == 0xFFFF || Damaged();
            case 1:
                _state = Deflate64State.Fixed with { IsLast = isLast };
                break;
            case 2:
                if (!TryReadLengths(out byte[] literals, out byte[] distances))
                {
                    return false;
                }
                _state = new Deflate64State { Phase = Deflate64Phase.Symbols, IsLast = isLast, LiteralLengths = literals, DistanceLengths = distances };
                break;
            default:
                return Damaged();
        }
        return (_literals.TrySet(_state.LiteralLengths) && _distances.TrySet(_state.DistanceLengths)) || Damaged();
    }

    private bool TryReadLengths(out byte[] literals, out byte[] distances)
    {
        literals = distances = [];
        if (!_input.TryTake(5, out int literalCount) || !_input.TryTake(5, out int distanceCount) || !_input.TryTake(4, out int lengthCount))
        {
            return Cut();
        }
        literalCount += 257;
        distanceCount++;
        Span<byte> lengths = stackalloc byte[Deflate64Tables.LengthOrder.Length];
        for (int i = 0; i < lengthCount + 4; i++)
        {
            if (!_input.TryTake(3, out int length))
            {
                return Cut();
            }
            lengths[Deflate64Tables.LengthOrder[i]] = (byte)length;
        }
        if (literalCount > Deflate64Tables.MaxLiteralCodes || !_literals.TrySet(lengths))
        {
            return Damaged();
        }
        byte[] all = new byte[literalCount + distanceCount];
        for (int i = 0; i < all.Length;)
        {
            int symbol = _literals.Take(_input);
            if (symbol is >= 0 and < 16)
            {
                all[i++] = (byte)symbol;
                continue;
            }
            (int bits, int least) = symbol switch { 16 => (2, 3), 17 => (3, 3), _ => (7, 11) };
            if (symbol < 0 || !_input.TryTake(bits, out int times))
            {
                return Cut();
            }
            times += least;
            if (times > all.Length - i || (symbol == 16 && i == 0))
            {
                return Damaged();
            }
            all.AsSpan(i, times).Fill(symbol == 16 ? all[i - 1] : (byte)0);
            i += times;
        }
        literals = all[..literalCount];
        distances = all[literalCount..];
        // Without its end a block would have none.
        return literals[Deflate64Tables.EndOfBlock] != 0 || Damaged();
    }

    private bool CopyStored(Span<byte> destination, ref int count)
    {
        while (_state.StoredLeft > 0 && count < destination.Length)
        {
            if (!_input.TryTake(8, out int value))
            {
                return Cut();
            }
            Put(destination, ref count, (byte)value);
            _state.StoredLeft--;
        }
        if (_state.StoredLeft == 0)
        {
            _state.Phase = Deflate64Phase.Header;
        }
        return true;
    }

    private bool ReadSymbols(Span<byte> destination, ref int count)
    {
        while (count < destination.Length)
        {
            int symbol = _literals.Take(_input);
            if (symbol < 0)
            {
                return Cut();
            }
            if (symbol < Deflate64Tables.EndOfBlock)
            {
                Put(destination, ref count, (byte)symbol);
                continue;
            }
            if (symbol == Deflate64Tables.EndOfBlock)
            {
                _state.Phase = Deflate64Phase.Header;
                return true;
            }
            if (!TryReadMatch(symbol - Deflate64Tables.EndOfBlock - 1) || !Repeat(destination, ref count))
            {
                return false;
            }
        }
        return true;
    }

    private bool TryReadMatch(int index)
    {
        if (index >= Deflate64Tables.LengthBase.Length)
        {
            return Damaged();
        }
        if (!_input.TryTake(Deflate64Tables.LengthExtra[index], out int length))
        {
            return Cut();
        }
        int symbol = _distances.Take(_input);
        if (symbol < 0 || !_input.TryTake(Deflate64Tables.GetDistanceExtra(symbol), out int distance))
        {
            return Cut();
        }
        _matchDistance = Deflate64Tables.GetDistanceBase(symbol) + distance;
        if (_matchDistance > _filled)
        {
            return Damaged();
        }
        _matchLeft = Deflate64Tables.LengthBase[index] + length;
        return true;
    }

    private bool Repeat(Span<byte> destination, ref int count)
    {
        while (_matchLeft > 0 && count < destination.Length)
        {
            Put(destination, ref count, _window[(_position - _matchDistance) & Mask]);
            _matchLeft--;
        }
        return true;
    }

    private void Put(Span<byte> destination, ref int count, byte value)
    {
        destination[count++] = value;
        _window[_position] = value;
        _position = (_position + 1) & Mask;
        _filled = Math.Min(_filled + 1, Deflate64Tables.WindowLength);
    }

    private bool Cut()
    {
        // Too few bits for the longest code is the end of the data; a code that is none is damage.
        Failure = _input.IsUnreadable ? StreamFailure.Unreadable : _input.Count < HuffmanCode.MaxLength ? StreamFailure.CutOff : StreamFailure.Damaged;
        return false;
    }

    private bool Damaged()
    {
        Failure = StreamFailure.Damaged;
        return false;
    }
}
