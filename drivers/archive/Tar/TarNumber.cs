namespace Kaleidofs.Drivers.Archive.Tar;

/// <summary>Numbers in tar headers: octal text, or (GNU) binary where the first bit is set.</summary>
internal static class TarNumber
{
    private const byte BinaryPositive = 0x80;
    private const byte BinaryNegative = 0xFF;

    /// <summary>Reads a number; false if it is neither, or does not fit. An empty field is 0.</summary>
    public static bool TryParse(ReadOnlySpan<byte> field, out long value)
        => field[0] >= BinaryPositive ? TryParseBinary(field, out value) : TryParseOctal(field, out value);

    private static bool TryParseOctal(ReadOnlySpan<byte> field, out long value)
    {
        value = 0;
        field = field.TrimStart((byte)' ');
        int end = field.IndexOfAny((byte)0, (byte)' ');
        foreach (byte digit in end < 0 ? field : field[..end])
        {
            if (digit is < (byte)'0' or > (byte)'7' || value > long.MaxValue >> 3)
            {
                return false;
            }
            value = (value << 3) | (uint)(digit - '0');
        }
        return true;
    }

    private static bool TryParseBinary(ReadOnlySpan<byte> field, out long value)
    {
        value = 0;
        if (field[0] is not (BinaryPositive or BinaryNegative))
        {
            return false;
        }
        bool isNegative = field[0] == BinaryNegative;
        Int128 wide = isNegative ? -1 : 0;
        foreach (byte part in field[1..])
        {
            wide = (wide << 8) | part;
        }
        value = (long)wide;
        return value == wide;
    }
}
