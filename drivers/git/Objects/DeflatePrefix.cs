namespace Kaleidofs.Drivers.Git.Objects;

/// <summary>The first bytes of what zlib compressed (RFC 1950, RFC 1951), on the stack alone: an inflater is too dear for the two numbers at the beginning of a delta.</summary>
/// <remarks>It gives up on whatever is damaged or longer than what it was given; then the whole inflater finds out what is to be said.</remarks>
internal ref struct DeflatePrefix
{
    private const int MaxBits = 15;
    private const int EndOfBlock = 256;
    private const int ZlibHeaderLength = 2;

    private readonly ReadOnlySpan<byte> _input;
    private int _at;
    private uint _held;
    private int _bits;
    private bool _hasFailed;

    private DeflatePrefix(ReadOnlySpan<byte> input) => _input = input;

    private static ReadOnlySpan<ushort> LengthBases => [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];

    private static ReadOnlySpan<byte> LengthBits => [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];

    /// <summary>In which order the lengths of the codes for lengths come.</summary>
    private static ReadOnlySpan<byte> LengthOrder => [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

    /// <summary>Fills <paramref name="destination"/> with the first bytes of the content.</summary>
    /// <returns>Whether it is filled; it is not if the content is shorter, damaged, or needs more input.</returns>
    public static bool TryInflate(ReadOnlySpan<byte> input, Span<byte> destination)
    {
        const int Deflate = 8;
        const int Dictionary = 0x20;
        if (input.Length < ZlibHeaderLength || (input[0] & 15) != Deflate || ((input[0] << 8) | input[1]) % 31 != 0 || (input[1] & Dictionary) != 0)
        {
            return false;
        }
        DeflatePrefix reader = new(input[ZlibHeaderLength..]);
        int written = 0;
        bool isLast = false;
        while (written < destination.Length && !isLast && !reader._hasFailed)
        {
            isLast = reader.Take(1) != 0;
            switch (reader.Take(2))
            {
                case 0:
                    reader.CopyStored(destination, ref written);
                    break;
                case 1:
                    reader.InflateFixed(destination, ref written);
                    break;
                case 2:
                    reader.InflateDynamic(destination, ref written);
                    break;
                default:
                    return false;
            }
        }
        return written == destination.Length && !reader._hasFailed;
    }

    private void CopyStored(scoped Span<byte> destination, ref int written)
    {
        (_held, _bits) = (0, 0);
        uint length = Take(16);
        if ((length ^ Take(16)) != 0xffff)
        {
            _hasFailed = true;
        }
        for (; length > 0 && written < destination.Length && !_hasFailed; length--)
        {
            destination[written++] = (byte)Take(8);
        }
    }

    private void InflateFixed(scoped Span<byte> destination, ref int written)
    {
        Span<byte> lengths = stackalloc byte[288 + 30];
        lengths[..144].Fill(8);
        lengths[144..256].Fill(9);
        lengths[256..280].Fill(7);
        lengths[280..288].Fill(8);
        lengths[288..].Fill(5);
        InflateBlock(lengths[..288], lengths[288..], destination, ref written);
    }

    private void InflateDynamic(scoped Span<byte> destination, ref int written)
    {
        const int MaxLiterals = 286;
        const int MaxDistances = 30;
        int literals = (int)Take(5) + 257;
        int distances = (int)Take(5) + 1;
        int count = (int)Take(4) + 4;
        if (literals > MaxLiterals || distances > MaxDistances)
        {
            _hasFailed = true;
            return;
        }
        Span<byte> codeLengths = stackalloc byte[19];
        codeLengths.Clear();
        for (int i = 0; i < count; i++)
        {
            codeLengths[LengthOrder[i]] = (byte)Take(3);
        }
        Span<ushort> counts = stackalloc ushort[MaxBits + 1];
        Span<ushort> symbols = stackalloc ushort[19];
        Build(codeLengths, counts, symbols);
        Span<byte> lengths = stackalloc byte[MaxLiterals + MaxDistances];
        for (int i = 0; i < literals + distances && !_hasFailed;)
        {
            int symbol = Decode(counts, symbols);
            if (symbol < 16)
            {
                lengths[i++] = (byte)symbol;
                continue;
            }
            int repeat = symbol switch { 16 => 3 + (int)Take(2), 17 => 3 + (int)Take(3), _ => 11 + (int)Take(7) };
            if ((symbol == 16 && i == 0) || repeat > literals + distances - i)
            {
                _hasFailed = true;
                return;
            }
            lengths.Slice(i, repeat).Fill(symbol == 16 ? lengths[i - 1] : (byte)0);
            i += repeat;
        }
        InflateBlock(lengths[..literals], lengths.Slice(literals, distances), destination, ref written);
    }

    private void InflateBlock(scoped ReadOnlySpan<byte> literalLengths, scoped ReadOnlySpan<byte> distanceLengths, scoped Span<byte> destination, ref int written)
    {
        Span<ushort> counts = stackalloc ushort[MaxBits + 1];
        Span<ushort> symbols = stackalloc ushort[288];
        Span<ushort> distanceCounts = stackalloc ushort[MaxBits + 1];
        Span<ushort> distanceSymbols = stackalloc ushort[30];
        Build(literalLengths, counts, symbols);
        Build(distanceLengths, distanceCounts, distanceSymbols);
        while (written < destination.Length && !_hasFailed)
        {
            int symbol = Decode(counts, symbols);
            if (symbol == EndOfBlock || _hasFailed)
            {
                return;
            }
            if (symbol < EndOfBlock)
            {
                destination[written++] = (byte)symbol;
                continue;
            }
            symbol -= EndOfBlock + 1;
            if (symbol >= LengthBases.Length)
            {
                _hasFailed = true;
                return;
            }
            int length = LengthBases[symbol] + (int)Take(LengthBits[symbol]);
            int distance = DecodeDistance(distanceCounts, distanceSymbols);
            if (distance > written || _hasFailed)
            {
                _hasFailed = true;
                return;
            }
            for (; length > 0 && written < destination.Length; length--, written++)
            {
                destination[written] = destination[written - distance];
            }
        }
    }

    private int DecodeDistance(scoped ReadOnlySpan<ushort> counts, scoped ReadOnlySpan<ushort> symbols)
    {
        int symbol = Decode(counts, symbols);
        int extra = symbol < 4 ? 0 : (symbol / 2) - 1;
        return symbol < 4 ? symbol + 1 : ((2 + (symbol & 1)) << extra) + 1 + (int)Take(extra);
    }

    /// <summary>How many codes there are of each length, and the symbols in the order of their codes.</summary>
    private void Build(scoped ReadOnlySpan<byte> lengths, scoped Span<ushort> counts, scoped Span<ushort> symbols)
    {
        counts.Clear();
        foreach (byte length in lengths)
        {
            counts[length]++;
        }
        Span<ushort> next = stackalloc ushort[MaxBits + 2];
        next.Clear();
        int left = 1;
        counts[0] = 0;
        for (int length = 1; length <= MaxBits; length++)
        {
            left = (left << 1) - counts[length];
            _hasFailed |= left < 0;
            next[length + 1] = (ushort)(next[length] + counts[length]);
        }
        for (int i = 0; i < lengths.Length && !_hasFailed; i++)
        {
            if (lengths[i] != 0)
            {
                symbols[next[lengths[i]]++] = (ushort)i;
            }
        }
    }

    private int Decode(scoped ReadOnlySpan<ushort> counts, scoped ReadOnlySpan<ushort> symbols)
    {
        // Codes of one length follow each other, and the first of a length is told by those before it.
        int code = 0, first = 0, index = 0;
        for (int length = 1; length <= MaxBits; length++)
        {
            code |= (int)Take(1);
            int count = counts[length];
            if (code - first < count)
            {
                return symbols[index + code - first];
            }
            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }
        _hasFailed = true;
        return 0;
    }

    private uint Take(int count)
    {
        while (_bits < count)
        {
            if (_at == _input.Length)
            {
                _hasFailed = true;
                return 0;
            }
            _held |= (uint)_input[_at++] << _bits;
            _bits += 8;
        }
        uint value = _held & ((1u << count) - 1);
        _held >>= count;
        _bits -= count;
        return value;
    }
}
