using System.Buffers.Binary;

namespace Kaleidofs.Drivers.Archive.Ppmd;

/// <summary>
/// The fields of contexts and states in a heap. A state: symbol, frequency, successor (6 bytes). A context: how many states beside the first,
/// flags, the sum of frequencies, its states, the context that is shorter by one; one with a single state has it in place of the sum and the states.
/// </summary>
internal readonly struct PpmdStates(byte[] bytes)
{
    public const int StateLength = 6;

    public byte Symbol(int state) => bytes[state];

    public ref byte Frequency(int state) => ref bytes[state + 1];

    public int Successor(int state) => BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(state + 2));

    public void SetSuccessor(int state, int place) => BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(state + 2), place);

    public void SetState(int state, byte symbol, byte frequency, int successor)
    {
        SetSuccessor(state, successor);
        bytes[state] = symbol;
        bytes[state + 1] = frequency;
    }

    public void Copy(int from, int to) => bytes.AsSpan(from, StateLength).CopyTo(bytes.AsSpan(to));

    public void Swap(int one, int other)
    {
        Span<byte> kept = stackalloc byte[StateLength];
        bytes.AsSpan(one, StateLength).CopyTo(kept);
        Copy(other, one);
        kept.CopyTo(bytes.AsSpan(other));
    }

    /// <summary>Moves a state before others: those from <paramref name="to"/> on move back by one.</summary>
    public void MoveTo(int state, int to)
    {
        Span<byte> kept = stackalloc byte[StateLength];
        bytes.AsSpan(state, StateLength).CopyTo(kept);
        bytes.AsSpan(to, state - to).CopyTo(bytes.AsSpan(to + StateLength));
        kept.CopyTo(bytes.AsSpan(to));
    }

    /// <summary>How many states a context has beside the first.</summary>
    public ref byte More(int context) => ref bytes[context];

    public ref byte Flags(int context) => ref bytes[context + 1];

    public int Sum(int context) => BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(context + 2));

    public void SetSum(int context, int sum) => BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(context + 2), (ushort)sum);

    public int States(int context) => BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(context + 4));

    public void SetStates(int context, int place) => BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(context + 4), place);

    /// <summary>The only state of a context that has no more.</summary>
    public static int OnlyState(int context) => context + 2;

    /// <summary>The context that is shorter by one symbol; 0 for the empty one.</summary>
    public int Suffix(int context) => BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(context + 8));

    public void SetSuffix(int context, int place) => BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(context + 8), place);

    /// <summary>The state of a symbol that a context is known to have.</summary>
    public int Find(int context, byte symbol)
    {
        int state = States(context);
        while (Symbol(state) != symbol)
        {
            state += StateLength;
        }
        return state;
    }
}
