namespace Kaleidofs.Drivers.Archive.Tar;

/// <summary>Reads the maps of files with holes in the forms that stand outside of PAX records: GNU's old one, and 1.0.</summary>
internal static class SparseMapReader
{
    /// <summary>An offset and a length of 12 bytes each.</summary>
    public const int OldPieceLength = 24;

    /// <summary>Pieces in a block that continues a header.</summary>
    private const int PiecesPerBlock = 21;
    private const int MoreOffset = 504;

    /// <summary>More pieces than this make a file that cannot be read: 16 MiB of maps are enough for terabytes.</summary>
    public const int MaxPieces = 1 << 20;

    /// <summary>The pieces in a header and the blocks behind it; null if they are malformed or too many.</summary>
    public static List<long>? ReadOld(in TarHeader header, TarInput input)
    {
        List<long> pieces = [];
        bool isGood = TryAddPieces(header.SparsePieces, pieces);
        bool hasMore = header.HasMoreSparsePieces;
        Span<byte> block = stackalloc byte[TarHeader.BlockLength];
        while (hasMore)
        {
            if (!input.TryRead(block))
            {
                return null;
            }
            // Go on to the last block, to know where the content begins.
            isGood = isGood && pieces.Count < MaxPieces * 2 && TryAddPieces(block[..(PiecesPerBlock * OldPieceLength)], pieces);
            hasMore = block[MoreOffset] != 0;
        }
        return isGood ? pieces : null;
    }

    /// <summary>The map at the beginning of the content: decimal numbers, a line each, filled up to a block; null if it is malformed.</summary>
    /// <param name="input">At the content's beginning; afterwards behind the map.</param>
    /// <param name="storedLength">The content with the map; afterwards without.</param>
    public static List<long>? ReadVersion1(TarInput input, ref long storedLength)
    {
        Span<byte> block = stackalloc byte[TarHeader.BlockLength];
        List<long> pieces = [];
        long count = -1;
        long number = 0;
        bool hasDigits = false;
        while (count < 0 || pieces.Count < count * 2)
        {
            if (storedLength < block.Length || !input.TryRead(block))
            {
                return null;
            }
            storedLength -= block.Length;
            foreach (byte value in block)
            {
                if (value is >= (byte)'0' and <= (byte)'9' && number < long.MaxValue / 16)
                {
                    number = (number * 10) + (value - '0');
                    hasDigits = true;
                    continue;
                }
                if (value != '\n' || !hasDigits || (count < 0 && number > MaxPieces))
                {
                    return null;
                }
                if (count < 0)
                {
                    count = number;
                }
                else
                {
                    pieces.Add(number);
                }
                number = 0;
                hasDigits = false;
                if (pieces.Count == count * 2)
                {
                    break;
                }
            }
        }
        return pieces;
    }

    private static bool TryAddPieces(ReadOnlySpan<byte> fields, List<long> pieces)
    {
        for (int i = 0; i < fields.Length; i += OldPieceLength)
        {
            // The first unused piece ends them.
            if (fields[i] == 0)
            {
                break;
            }
            if (!TarNumber.TryParse(fields.Slice(i, 12), out long offset) || !TarNumber.TryParse(fields.Slice(i + 12, 12), out long length))
            {
                return false;
            }
            pieces.Add(offset);
            pieces.Add(length);
        }
        return true;
    }
}
