namespace Kaleidofs.Drivers.Archive.Deflate64;

/// <summary>A canonical prefix code by the lengths of its codes (RFC 1951, 3.2.2): short codes by a table, long ones bit by bit.</summary>
internal sealed class HuffmanCode
{
    public const int MaxLength = 15;
    private const int TableBits = 10;

    // The symbol, and in the low four bits its code's length; zero for what is longer, or no code.
    private readonly ushort[] _table = new ushort[1 << TableBits];
    private readonly ushort[] _counts = new ushort[MaxLength + 1];
    private readonly ushort[] _symbols = new ushort[288];

    /// <summary>Becomes another code; false if the lengths make none. A single code of one bit may leave the other one open.</summary>
    public bool TrySet(ReadOnlySpan<byte> lengths)
    {
        Array.Clear(_counts);
        Array.Clear(_table);
        foreach (byte length in lengths)
        {
            _counts[length]++;
        }
        int used = lengths.Length - _counts[0];
        _counts[0] = 0;
        int open = 1;
        Span<ushort> next = stackalloc ushort[MaxLength + 2];
        Span<ushort> codes = stackalloc ushort[MaxLength + 2];
        for (int length = 1; length <= MaxLength; length++)
        {
            open = (open << 1) - _counts[length];
            if (open < 0)
            {
                return false;
            }
            next[length + 1] = (ushort)(next[length] + _counts[length]);
            codes[length + 1] = (ushort)((codes[length] + _counts[length]) << 1);
        }
        if (open > 0 && (used > 1 || _counts[1] != used))
        {
            return false;
        }
        for (int symbol = 0; symbol < lengths.Length; symbol++)
        {
            int length = lengths[symbol];
            if (length == 0)
            {
                continue;
            }
            _symbols[next[length]++] = (ushort)symbol;
            int code = codes[length]++;
            if (length <= TableBits)
            {
                for (int index = Reverse(code, length); index < _table.Length; index += 1 << length)
                {
                    _table[index] = (ushort)((symbol << 4) | length);
                }
            }
        }
        return true;
    }

    /// <summary>Takes a symbol; negative if the input ends within it or has no code.</summary>
    public int Take(BitInput input)
    {
        _ = input.Fill(MaxLength);
        uint bits = input.Peek(MaxLength);
        int entry = _table[bits & (_table.Length - 1)];
        if (entry != 0)
        {
            return Take(input, entry & 15, entry >> 4);
        }
        int code = 0;
        int first = 0;
        int index = 0;
        for (int length = 1; length <= MaxLength; length++, bits >>= 1)
        {
            code |= (int)(bits & 1);
            int count = _counts[length];
            if (code - first < count)
            {
                return Take(input, length, _symbols[index + code - first]);
            }
            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }
        return -1;
    }

    private static int Take(BitInput input, int length, int symbol)
    {
        if (length > input.Count)
        {
            return -1;
        }
        input.Skip(length);
        return symbol;
    }

    private static int Reverse(int code, int length)
    {
        int reversed = 0;
        for (int i = 0; i < length; i++)
        {
            reversed = (reversed << 1) | ((code >> i) & 1);
        }
        return reversed;
    }
}
