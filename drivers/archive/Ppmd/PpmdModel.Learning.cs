namespace Kaleidofs.Drivers.Archive.Ppmd;

/// <summary>What the model learns from a symbol: new contexts, and new symbols in those that did not have it.</summary>
internal sealed partial class PpmdModel
{
    /// <summary>Symbols from 0x40 on: for text, letters.</summary>
    private const byte FirstLetter = 0x40;

    // Of a context: letters came before it, follow it; its frequencies were halved.
    private const byte AfterLetter = 0x10;
    private const byte BeforeLetter = 0x08;
    private const byte Rescaled = 0x04;

    private void Learn()
    {
        byte symbol = _states.Symbol(_found);
        byte frequency = _states.Frequency(_found);
        int successor = _states.Successor(_found);
        int inSuffix = frequency < MaxFrequency / 4 && _states.Suffix(_context) != 0 ? RaiseInSuffix(symbol) : 0;
        if (_orderFall == 0 && successor != 0)
        {
            int created = CreateSuccessors(skipsFirst: true, inSuffix, _context);
            _states.SetSuccessor(_found, created);
            if (created == 0)
            {
                Restore(_maxContext);
                return;
            }
            _maxContext = created;
            return;
        }
        _heap.Bytes[_heap.Text++] = symbol;
        int next = _heap.Text;
        if (next >= _heap.UnitsStart)
        {
            Restore(_maxContext);
            return;
        }
        if (successor == 0)
        {
            successor = ReduceOrder(inSuffix, _context);
        }
        else if (successor < _heap.UnitsStart)
        {
            successor = CreateSuccessors(skipsFirst: false, inSuffix, _context);
        }
        if (successor == 0)
        {
            Restore(_maxContext);
            return;
        }
        if (--_orderFall == 0)
        {
            next = successor;
            _heap.Text -= _maxContext != _context ? 1 : 0;
        }
        if (AddToLongerContexts(symbol, frequency, next))
        {
            _maxContext = _context = successor;
        }
    }

    /// <summary>The symbol in the next shorter context, a little more likely now.</summary>
    private int RaiseInSuffix(byte symbol)
    {
        int suffix = _states.Suffix(_context);
        if (_states.More(suffix) == 0)
        {
            int only = PpmdStates.OnlyState(suffix);
            _states.Frequency(only) += (byte)(_states.Frequency(only) < 32 ? 1 : 0);
            return only;
        }
        int state = _states.Find(suffix, symbol);
        if (state != _states.States(suffix) && _states.Frequency(state) >= _states.Frequency(state - StateLength))
        {
            _states.Swap(state, state - StateLength);
            state -= StateLength;
        }
        Raise(suffix, state, 2);
        return state;
    }

    private void Raise(int context, int state, byte by)
    {
        if (_states.Frequency(state) < MaxFrequency - 9)
        {
            _states.Frequency(state) += by;
            _states.SetSum(context, _states.Sum(context) + by);
        }
    }

    /// <summary>Gives the symbol to the contexts between the longest and the one that knew it; false if the memory is full.</summary>
    private bool AddToLongerContexts(byte symbol, int frequency, int successor)
    {
        int known = _states.More(_context);
        // Of a context with one state the sum is not one, and is not used: it has no more than the longer ones.
        int rest = _states.Sum(_context) - known - frequency;
        byte flag = symbol >= FirstLetter ? BeforeLetter : (byte)0;
        for (int context = _maxContext; context != _context; context = _states.Suffix(context))
        {
            int more = _states.More(context);
            if (!MakeRoom(context, more, known))
            {
                Restore(context);
                return false;
            }
            int own = _states.Sum(context);
            uint weight = 2 * (uint)frequency * (uint)(own + 6);
            uint sum = (uint)(rest + own);
            uint added;
            if (weight < 6 * sum)
            {
                added = 1u + (weight > sum ? 1u : 0) + (weight >= 4 * sum ? 1u : 0);
                own += 4;
            }
            else
            {
                added = 4u + (weight > 9 * sum ? 1u : 0) + (weight > 12 * sum ? 1u : 0) + (weight > 15 * sum ? 1u : 0);
                own += (int)added;
            }
            _states.SetSum(context, own);
            _states.SetState(_states.States(context) + ((more + 1) * StateLength), symbol, (byte)added, successor);
            _states.Flags(context) |= flag;
            _states.More(context) = (byte)(more + 1);
        }
        return true;
    }

    /// <summary>Room for a further state of a context; false if there is none.</summary>
    private bool MakeRoom(int context, int more, int known)
    {
        if (more != 0)
        {
            if (more % 2 != 0)
            {
                int states = _heap.Grow(_states.States(context), (more + 1) / 2);
                if (states == 0)
                {
                    return false;
                }
                _states.SetStates(context, states);
            }
            _states.SetSum(context, _states.Sum(context) + ((3 * more) + 1 < known ? 1 : 0));
            return true;
        }
        int first = _heap.Allocate(1);
        if (first == 0)
        {
            return false;
        }
        _states.Copy(PpmdStates.OnlyState(context), first);
        _states.SetStates(context, first);
        int frequency = _states.Frequency(first);
        frequency = frequency < (MaxFrequency / 4) - 1 ? 2 * frequency : MaxFrequency - 4;
        _states.Frequency(first) = (byte)frequency;
        _states.SetSum(context, frequency + _initialEscape + (known > 2 ? 1 : 0));
        return true;
    }

    /// <summary>Makes the contexts that the text so far stands for, from the shortest that is missing on; 0 if the memory is full.</summary>
    /// <param name="skipsFirst">Whether the found state keeps its successor.</param>
    /// <param name="inSuffix">The symbol's state in the next shorter context, if it is known.</param>
    /// <param name="context">The context that has the found state.</param>
    private int CreateSuccessors(bool skipsFirst, int inSuffix, int context)
    {
        Span<int> waiting = stackalloc int[MaxOrder + 1];
        int count = 0;
        int branch = _states.Successor(_found);
        byte symbol = _states.Symbol(_found);
        if (!skipsFirst)
        {
            waiting[count++] = _found;
        }
        while (_states.Suffix(context) != 0)
        {
            context = _states.Suffix(context);
            int state = inSuffix != 0 ? inSuffix : RaiseBelow(context, symbol);
            inSuffix = 0;
            int successor = _states.Successor(state);
            if (successor != branch)
            {
                if (count == 0)
                {
                    return successor;
                }
                context = successor;
                break;
            }
            waiting[count++] = state;
        }
        byte next = _heap.Bytes[branch];
        byte flags = (byte)((symbol >= FirstLetter ? AfterLetter : 0) + (next >= FirstLetter ? BeforeLetter : 0));
        byte frequency = EstimateFrequency(context, next);
        while (count > 0)
        {
            int created = _heap.AllocateContext();
            if (created == 0)
            {
                return 0;
            }
            _states.More(created) = 0;
            _states.Flags(created) = flags;
            _states.SetState(PpmdStates.OnlyState(created), next, frequency, branch + 1);
            _states.SetSuffix(created, context);
            _states.SetSuccessor(waiting[--count], created);
            context = created;
        }
        return context;
    }

    private int RaiseBelow(int context, byte symbol)
    {
        if (_states.More(context) != 0)
        {
            int state = _states.Find(context, symbol);
            Raise(context, state, 1);
            return state;
        }
        int only = PpmdStates.OnlyState(context);
        bool isBinaryBelow = _states.More(_states.Suffix(context)) == 0;
        _states.Frequency(only) += (byte)(isBinaryBelow && _states.Frequency(only) < 24 ? 1 : 0);
        return only;
    }

    /// <summary>How often a symbol is taken to have come in a longer context than one that knows it.</summary>
    private byte EstimateFrequency(int context, byte symbol)
    {
        int more = _states.More(context);
        if (more == 0)
        {
            return _states.Frequency(PpmdStates.OnlyState(context));
        }
        uint own = (uint)_states.Frequency(_states.Find(context, symbol)) - 1;
        uint others = (uint)(_states.Sum(context) - more) - own;
        return (byte)(1 + (2 * own <= others ? (5 * own > others ? 1u : 0) : (own + (2 * others) - 3) / others));
    }

    /// <summary>Lets the symbol's states without a successor point to the text; returns the context behind the first that has one, 0 if the memory is full.</summary>
    private int ReduceOrder(int inSuffix, int context)
    {
        int first = context;
        int branch = _heap.Text;
        byte symbol = _states.Symbol(_found);
        int state;
        _states.SetSuccessor(_found, branch);
        _orderFall++;
        while (true)
        {
            if (_states.Suffix(context) == 0)
            {
                return context;
            }
            context = _states.Suffix(context);
            state = inSuffix;
            inSuffix = 0;
            if (state == 0 && _states.More(context) != 0)
            {
                state = _states.Find(context, symbol);
                Raise(context, state, 2);
            }
            else if (state == 0)
            {
                state = PpmdStates.OnlyState(context);
                _states.Frequency(state) += (byte)(_states.Frequency(state) < 32 ? 1 : 0);
            }
            if (_states.Successor(state) != 0)
            {
                break;
            }
            _states.SetSuccessor(state, branch);
            _orderFall++;
        }
        if (_states.Successor(state) <= branch)
        {
            int found = _found;
            _found = state;
            _states.SetSuccessor(state, CreateSuccessors(skipsFirst: false, inSuffix: 0, context));
            _found = found;
        }
        if (_orderFall == 1 && first == _maxContext)
        {
            _states.SetSuccessor(_found, _states.Successor(state));
            _heap.Text--;
        }
        return _states.Successor(state);
    }
}
