namespace Kaleidofs.Drivers.Archive.Ppmd;

/// <summary>How likely it is that a context's symbols are not the one that comes: adaptive, by what such contexts have in common.</summary>
internal sealed class EscapeEstimates
{
    private const int PeriodBits = 7;
    private const int IntervalBits = 7;
    private const int BinaryScale = 1 << (PeriodBits + IntervalBits);
    private const int BinaryRows = 25;
    private const int BinaryRow = 64;
    private const int Rows = 24;
    private const int Row = 32;

    /// <summary>Of the context that has all symbols.</summary>
    private const int Dummy = Rows * Row;

    private static readonly ushort[] InitialBinary = [0x3CDD, 0x1F3F, 0x59BF, 0x48F3, 0x64A1, 0x5ABC, 0x6632, 0x6051];
    private static readonly byte[] InitialEscapes = [25, 14, 9, 7, 5, 5, 4, 4, 4, 3, 3, 3, 2, 2, 2, 2];

    /// <summary>Classes of numbers: 0 to 4 one each, then one of 1, of 2, of 3, and so on.</summary>
    private static readonly byte[] Classes = MakeClasses();

    private readonly ushort[] _binary = new ushort[BinaryRows * BinaryRow];
    private readonly ushort[] _sums = new ushort[Dummy + 1];
    private readonly byte[] _shifts = new byte[Dummy + 1];
    private readonly byte[] _counts = new byte[Dummy + 1];

    public EscapeEstimates()
    {
        _shifts[Dummy] = PeriodBits;
        _counts[Dummy] = 64;
    }

    public void Reset()
    {
        for (int row = 0, number = 0; row < BinaryRows; row++)
        {
            while (Classes[number] == row)
            {
                number++;
            }
            for (int i = 0; i < BinaryRow; i++)
            {
                _binary[(row * BinaryRow) + i] = (ushort)(BinaryScale - (InitialBinary[i % InitialBinary.Length] / (number + 1)));
            }
        }
        for (int row = 0, number = 0; row < Rows; row++)
        {
            while (Classes[number + 3] == row + 3)
            {
                number++;
            }
            _sums.AsSpan(row * Row, Row).Fill((ushort)(((2 * number) + 5) << (PeriodBits - 4)));
            _shifts.AsSpan(row * Row, Row).Fill(PeriodBits - 4);
            _counts.AsSpan(row * Row, Row).Fill(7);
        }
    }

    /// <summary>The probability of a context's only symbol, of 2^14.</summary>
    public ref ushort GetBinary(byte frequency, byte suffixMore, byte flags, bool hasSucceeded, bool isShortRun)
    {
        int suffix = suffixMore switch { 0 => 0, 1 => 2, < 11 => 4, _ => 6 };
        return ref _binary[(Classes[frequency - 1] * BinaryRow) + suffix + (hasSucceeded ? 1 : 0) + flags + (isShortRun ? 0x20 : 0)];
    }

    public static void Raise(ref ushort probability) => probability = (ushort)(probability + (1 << IntervalBits) - GetMean(probability));

    public static void Lower(ref ushort probability) => probability = (ushort)(probability - GetMean(probability));

    /// <summary>The escape frequency that a context begins with when it gets its second symbol.</summary>
    public static byte GetInitialEscape(ushort probability) => InitialEscapes[probability >> 10];

    /// <summary>The estimate for a context after others were escaped from; <paramref name="escape"/> is the frequency that it gives.</summary>
    public int Choose(in PpmdStates states, int context, int masked, out uint escape)
    {
        int more = states.More(context);
        if (more == byte.MaxValue)
        {
            escape = 1;
            return Dummy;
        }
        int index = ((Classes[more + 2] - 3) * Row)
            + (states.Sum(context) > 11 * (more + 1) ? 1 : 0)
            + (2 * more < states.More(states.Suffix(context)) + masked ? 2 : 0)
            + states.Flags(context);
        uint mean = (uint)(_sums[index] >> _shifts[index]);
        _sums[index] -= (ushort)mean;
        escape = Math.Max(mean, 1);
        return index;
    }

    /// <summary>It was escaped from that context, too.</summary>
    public void Add(int index, uint sum) => _sums[index] += (ushort)sum;

    /// <summary>It was not; after some time an estimate changes more slowly.</summary>
    public void Adapt(int index)
    {
        if (_shifts[index] < PeriodBits && --_counts[index] == 0)
        {
            _sums[index] <<= 1;
            _counts[index] = (byte)(3 << _shifts[index]++);
        }
    }

    private static int GetMean(int probability) => (probability + (1 << (PeriodBits - 2))) >> PeriodBits;

    private static byte[] MakeClasses()
    {
        byte[] classes = new byte[260];
        for (int i = 0, number = 0, left = 1; i < classes.Length; i++)
        {
            classes[i] = (byte)number;
            left--;
            if (i < 4 || left == 0)
            {
                number++;
                left = Math.Max(1, number - 4);
            }
        }
        return classes;
    }
}
