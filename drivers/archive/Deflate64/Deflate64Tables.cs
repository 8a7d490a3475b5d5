namespace Kaleidofs.Drivers.Archive.Deflate64;

/// <summary>The numbers by which deflate64 differs from deflate (RFC 1951, 3.2.5): lengths up to 65,538 and distances up to 65,536.</summary>
internal static class Deflate64Tables
{
    public const int WindowLength = 64 << 10;
    public const int EndOfBlock = 256;
    public const int MaxLiteralCodes = 286;
    public const int MaxDistanceCodes = 32;

    /// <summary>The order in which the lengths of the code of code lengths come.</summary>
    public static ReadOnlySpan<byte> LengthOrder => [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

    /// <summary>Of the symbols from 257 on.</summary>
    public static ReadOnlySpan<ushort> LengthBase =>
        [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 3];

    public static ReadOnlySpan<byte> LengthExtra =>
        [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 16];

    public static int GetDistanceExtra(int symbol) => symbol < 4 ? 0 : (symbol >> 1) - 1;

    public static int GetDistanceBase(int symbol) => symbol < 4 ? symbol + 1 : ((2 | (symbol & 1)) << GetDistanceExtra(symbol)) + 1;
}
