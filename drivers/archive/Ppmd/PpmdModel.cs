namespace Kaleidofs.Drivers.Archive.Ppmd;

/// <summary>
/// The model of PPMd variant I (Shkarin, 2002): contexts of up to some order, each with the symbols that followed it. Decoding a symbol changes
/// it exactly as encoding did, so whatever the input is, it is in a state that some content leads to.
/// </summary>
internal sealed partial class PpmdModel
{
    public const int MinOrder = 2;
    public const int MaxOrder = 16;

    /// <summary>What <see cref="Decode"/> returns for the mark behind the last symbol.</summary>
    public const int End = -1;

    /// <summary>What <see cref="Decode"/> returns for what no encoder writes.</summary>
    public const int Damaged = -2;

    private const int MaxFrequency = 124;
    private const int BinaryBits = 14;
    private const int StateLength = PpmdStates.StateLength;

    private readonly PpmdHeap _heap;
    private readonly PpmdStates _states;
    private readonly EscapeEstimates _escapes = new();
    private readonly int[] _unmasked = new int[256];
    // A symbol is masked if its number here is the present one.
    private readonly int[] _masks = new int[256];
    private readonly int _order;
    private readonly bool _cutsOff;
    private int _mask;
    private int _context;
    private int _maxContext;
    private int _found;
    private int _orderFall;
    private int _runLength;
    private int _initialRunLength;
    private byte _initialEscape;
    private bool _hasSucceeded;

    /// <param name="heap">Its memory.</param>
    /// <param name="order">How many symbols a context has at most.</param>
    /// <param name="cutsOff">Whether it loses rare contexts when the memory is full; else all of them.</param>
    public PpmdModel(PpmdHeap heap, int order, bool cutsOff)
    {
        _heap = heap;
        _states = new PpmdStates(heap.Bytes);
        _order = order;
        _cutsOff = cutsOff;
        Restart();
    }

    /// <summary>Decodes a symbol: a byte, or <see cref="End"/> or <see cref="Damaged"/>.</summary>
    public int Decode(ref RangeDecoder input)
    {
        if (++_mask == 0)
        {
            // After 2^32 symbols: what was masked then is not now.
            Array.Clear(_masks);
            _mask = 1;
        }
        int symbol = _states.More(_context) != 0 ? DecodeFirst(ref input) : DecodeBinary(ref input);
        return symbol != End ? symbol : DecodeEscaped(ref input);
    }

    /// <summary>In a context of several symbols. <see cref="End"/>: none of them.</summary>
    private int DecodeFirst(ref RangeDecoder input)
    {
        int sum = _states.Sum(_context);
        int state = _states.States(_context);
        uint threshold = input.GetThreshold((uint)sum);
        int high = _states.Frequency(state);
        if (threshold < high)
        {
            input.Take(0, (uint)high);
            _found = state;
            byte symbol = _states.Symbol(state);
            UpdateMostLikely();
            return symbol;
        }
        _hasSucceeded = false;
        int more = _states.More(_context);
        for (int last = state + (more * StateLength); state < last;)
        {
            state += StateLength;
            int frequency = _states.Frequency(state);
            high += frequency;
            if (high > threshold)
            {
                input.Take((uint)(high - frequency), (uint)frequency);
                _found = state;
                byte symbol = _states.Symbol(state);
                UpdateOther();
                return symbol;
            }
        }
        if (threshold >= sum)
        {
            return Damaged;
        }
        input.Take((uint)high, (uint)(sum - high));
        for (; more >= 0; more--, state -= StateLength)
        {
            _masks[_states.Symbol(state)] = _mask;
        }
        return End;
    }

    /// <summary>In a context of one symbol. <see cref="End"/>: another one.</summary>
    private int DecodeBinary(ref RangeDecoder input)
    {
        int state = PpmdStates.OnlyState(_context);
        ref ushort estimate = ref _escapes.GetBinary(
            _states.Frequency(state), _states.More(_states.Suffix(_context)), _states.Flags(_context), _hasSucceeded, _runLength < 0);
        uint probability = estimate;
        byte symbol = _states.Symbol(state);
        if (input.GetBinaryThreshold(BinaryBits) < probability)
        {
            input.Take(0, probability);
            EscapeEstimates.Raise(ref estimate);
            _found = state;
            _states.Frequency(state) += (byte)(_states.Frequency(state) < 196 ? 1 : 0);
            _hasSucceeded = true;
            _runLength++;
            MoveOn();
            return symbol;
        }
        input.Take(probability, (1 << BinaryBits) - probability);
        EscapeEstimates.Lower(ref estimate);
        _initialEscape = EscapeEstimates.GetInitialEscape(estimate);
        _masks[symbol] = _mask;
        _hasSucceeded = false;
        return End;
    }

    /// <summary>In shorter and shorter contexts, among the symbols that the longer ones did not have.</summary>
    private int DecodeEscaped(ref RangeDecoder input)
    {
        while (input.Failure == Decoding.StreamFailure.None)
        {
            int masked = _states.More(_context);
            do
            {
                _orderFall++;
                _context = _states.Suffix(_context);
                if (_context == 0)
                {
                    return End;
                }
            }
            while (_states.More(_context) == masked);
            int count = _states.More(_context) - masked;
            uint high = CollectUnmasked(count);
            int see = _escapes.Choose(_states, _context, masked, out uint escape);
            uint sum = high + escape;
            uint threshold = input.GetThreshold(sum);
            if (threshold < high)
            {
                return TakeUnmasked(ref input, threshold, see);
            }
            if (threshold >= sum)
            {
                return Damaged;
            }
            input.Take(high, sum - high);
            _escapes.Add(see, sum);
            for (int i = 0; i < count; i++)
            {
                _masks[_states.Symbol(_unmasked[i])] = _mask;
            }
        }
        return Damaged;
    }

    private uint CollectUnmasked(int count)
    {
        uint sum = 0;
        int state = _states.States(_context);
        for (int i = 0; i < count; state += StateLength)
        {
            if (_masks[_states.Symbol(state)] != _mask)
            {
                sum += _states.Frequency(state);
                _unmasked[i++] = state;
            }
        }
        return sum;
    }

    private byte TakeUnmasked(ref RangeDecoder input, uint threshold, int see)
    {
        uint high = 0;
        int i = -1;
        uint frequency;
        do
        {
            frequency = _states.Frequency(_unmasked[++i]);
            high += frequency;
        }
        while (high <= threshold);
        input.Take(high - frequency, frequency);
        _escapes.Adapt(see);
        _found = _unmasked[i];
        byte symbol = _states.Symbol(_found);
        _states.SetSum(_context, _states.Sum(_context) + 4);
        RaiseFound();
        _runLength = _initialRunLength;
        Learn();
        _context = _maxContext;
        return symbol;
    }

    private void UpdateMostLikely()
    {
        int sum = _states.Sum(_context);
        _hasSucceeded = 2 * _states.Frequency(_found) >= sum;
        _runLength += _hasSucceeded ? 1 : 0;
        _states.SetSum(_context, sum + 4);
        RaiseFound();
        MoveOn();
    }

    private void UpdateOther()
    {
        _states.SetSum(_context, _states.Sum(_context) + 4);
        _states.Frequency(_found) += 4;
        int before = _found - StateLength;
        if (_states.Frequency(_found) > _states.Frequency(before))
        {
            _states.Swap(_found, before);
            _found = before;
            if (_states.Frequency(before) > MaxFrequency)
            {
                Rescale();
            }
        }
        MoveOn();
    }

    private void RaiseFound()
    {
        _states.Frequency(_found) += 4;
        if (_states.Frequency(_found) > MaxFrequency)
        {
            Rescale();
        }
    }

    private void MoveOn()
    {
        int successor = _states.Successor(_found);
        if (_orderFall == 0 && successor >= _heap.UnitsStart)
        {
            _context = _maxContext = successor;
            return;
        }
        Learn();
        _context = _maxContext;
    }

    private void Restart()
    {
        _heap.Reset();
        _orderFall = _order;
        _runLength = _initialRunLength = -Math.Min(_order, 12) - 1;
        _hasSucceeded = false;
        _context = _maxContext = _heap.AllocateContext();
        _found = _heap.Allocate(128);
        _states.SetSuffix(_context, 0);
        _states.More(_context) = byte.MaxValue;
        _states.Flags(_context) = 0;
        _states.SetSum(_context, 257);
        _states.SetStates(_context, _found);
        for (int i = 0; i < 256; i++)
        {
            _states.SetState(_found + (i * StateLength), (byte)i, 1, 0);
        }
        _escapes.Reset();
    }
}
