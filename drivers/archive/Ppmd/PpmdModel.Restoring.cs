namespace Kaleidofs.Drivers.Archive.Ppmd;

/// <summary>How the model keeps within its bounds: frequencies are halved, and when the memory is full, contexts go.</summary>
internal sealed partial class PpmdModel
{
    /// <summary>Contexts up to this order stay though nothing follows them any more.</summary>
    private const int KeptOrder = 9;

    /// <summary>Halves the frequencies of the present context, the found state's first; states that come to 0 go.</summary>
    private void Rescale()
    {
        int states = _states.States(_context);
        if (_found != states)
        {
            _states.MoveTo(_found, states);
        }
        int escape = _states.Sum(_context) - _states.Frequency(states);
        int adder = _orderFall != 0 ? 1 : 0;
        int sum = Halve(states, _states.Frequency(states) + 4, adder);
        int more = _states.More(_context);
        for (int i = 1, state = states + StateLength; i <= more; i++, state += StateLength)
        {
            escape -= _states.Frequency(state);
            byte frequency = Halve(state, _states.Frequency(state), adder);
            sum += frequency;
            int to = state;
            while (to != states && frequency > _states.Frequency(to - StateLength))
            {
                to -= StateLength;
            }
            if (to != state)
            {
                _states.MoveTo(state, to);
            }
        }
        int left = more;
        while (_states.Frequency(states + (left * StateLength)) == 0)
        {
            left--;
        }
        if (left < more)
        {
            escape += more - left;
            _states.More(_context) = (byte)left;
            if (left == 0)
            {
                int frequency = Math.Min(((2 * _states.Frequency(states)) + escape - 1) / escape, MaxFrequency / 3);
                MakeBinary(_context, states, frequency);
                _heap.Free(states, (more + 2) / 2);
                _found = PpmdStates.OnlyState(_context);
                return;
            }
            states = _heap.Shrink(states, (more + 2) / 2, (left + 2) / 2);
            _states.SetStates(_context, states);
            byte flags = (byte)(_states.Flags(_context) & ~BeforeLetter);
            for (int i = 0; i <= left; i++)
            {
                flags |= FlagOf(states + (i * StateLength));
            }
            _states.Flags(_context) = flags;
        }
        _states.SetSum(_context, sum + escape - (escape >> 1));
        _states.Flags(_context) |= Rescaled;
        _found = states;
    }

    private byte Halve(int state, int frequency, int adder) => _states.Frequency(state) = (byte)((frequency + adder) >> 1);

    private byte FlagOf(int state) => _states.Symbol(state) >= FirstLetter ? BeforeLetter : (byte)0;

    /// <summary>A context keeps one state; what held its states is still to be freed.</summary>
    private void MakeBinary(int context, int state, int frequency)
    {
        _states.Flags(context) = (byte)((_states.Flags(context) & AfterLetter) + FlagOf(state));
        int only = PpmdStates.OnlyState(context);
        _states.Copy(state, only);
        _states.Frequency(only) = (byte)frequency;
    }

    /// <summary>Fits a context to fewer states than there was room for, and halves their frequencies if it is told so.</summary>
    private void Refresh(int context, int oldUnits, int shift)
    {
        int more = _states.More(context);
        int state = _heap.Shrink(_states.States(context), oldUnits, (more + 2) / 2);
        _states.SetStates(context, state);
        byte flags = (byte)(_states.Flags(context) & (AfterLetter + (shift != 0 ? Rescaled : 0)));
        int escape = _states.Sum(context);
        int sum = 0;
        for (int i = 0; i <= more; i++, state += StateLength)
        {
            escape -= _states.Frequency(state);
            sum += _states.Frequency(state) = (byte)((_states.Frequency(state) + shift) >> shift);
            flags |= FlagOf(state);
        }
        _states.SetSum(context, sum + ((escape + shift) >> shift));
        _states.Flags(context) = flags;
    }

    /// <summary>The memory is full: takes back what was begun, and makes room.</summary>
    /// <param name="reached">The context that did not get the symbol any more; the longer ones did.</param>
    private void Restore(int reached)
    {
        _heap.ResetText();
        int context = _maxContext;
        for (; context != reached; context = _states.Suffix(context))
        {
            int more = --_states.More(context);
            if (more != 0)
            {
                Refresh(context, (more + 3) / 2, shift: 0);
                continue;
            }
            int state = _states.States(context);
            MakeBinary(context, state, (_states.Frequency(state) + 11) >> 3);
            _heap.FreeUnit(state);
        }
        for (; context != _context; context = _states.Suffix(context))
        {
            int more = _states.More(context);
            if (more == 0)
            {
                ref byte frequency = ref _states.Frequency(PpmdStates.OnlyState(context));
                frequency -= (byte)(frequency >> 1);
                continue;
            }
            _states.SetSum(context, _states.Sum(context) + 4);
            if (_states.Sum(context) > 128 + (4 * more))
            {
                Refresh(context, (more + 2) / 2, shift: 1);
            }
        }
        int length = _heap.Bytes.Length - PpmdHeap.Overhead;
        if (!_cutsOff || _heap.Used < length / 2)
        {
            Restart();
            return;
        }
        while (_states.Suffix(_maxContext) != 0)
        {
            _maxContext = _states.Suffix(_maxContext);
        }
        do
        {
            CutOff(_maxContext, order: 0);
            _heap.ExpandText();
        }
        while (_heap.Used > 3 * (length / 4));
        _heap.GlueCount = 0;
        _orderFall = _order;
    }

    /// <summary>Removes what follows a context only as text, and the contexts that nothing follows then; returns the context, 0 if it went.</summary>
    private int CutOff(int context, int order)
    {
        int more = _states.More(context);
        if (more == 0)
        {
            int only = PpmdStates.OnlyState(context);
            if (_states.Successor(only) >= _heap.UnitsStart)
            {
                CutOffSuccessor(only, order);
                if (_states.Successor(only) != 0 || order <= KeptOrder)
                {
                    return context;
                }
            }
            _heap.FreeUnit(context);
            return 0;
        }
        int units = (more + 2) / 2;
        int states = _heap.MoveUp(_states.States(context), units);
        _states.SetStates(context, states);
        int left = more;
        for (int state = states + (more * StateLength); state >= states; state -= StateLength)
        {
            if (_states.Successor(state) >= _heap.UnitsStart)
            {
                CutOffSuccessor(state, order);
                continue;
            }
            _states.SetSuccessor(state, 0);
            _states.Swap(state, states + (left * StateLength));
            left--;
        }
        if (left == more || order == 0)
        {
            return context;
        }
        if (left < 0)
        {
            _heap.Free(states, units);
            _heap.FreeUnit(context);
            return 0;
        }
        _states.More(context) = (byte)left;
        if (left == 0)
        {
            MakeBinary(context, states, (_states.Frequency(states) + 11) >> 3);
            _heap.Free(states, units);
            return context;
        }
        Refresh(context, units, _states.Sum(context) > 16 * left ? 1 : 0);
        return context;
    }

    private void CutOffSuccessor(int state, int order)
        => _states.SetSuccessor(state, order < _order ? CutOff(_states.Successor(state), order + 1) : 0);
}
