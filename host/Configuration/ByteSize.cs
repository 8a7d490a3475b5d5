using System.Globalization;

namespace Kaleidofs.Host.Configuration;

/// <summary>Sizes as users write them: 1048576, 512K, 256M, 2G, 1T; units of 1024.</summary>
internal static class ByteSize
{
    /// <exception cref="SourceException">It is not a size.</exception>
    public static long Parse(string option, string text)
    {
        string digits = text.TrimEnd('B').TrimEnd('i');
        int shift = digits.Length == 0 ? 0 : char.ToUpperInvariant(digits[^1]) switch
        {
            'K' => 10,
            'M' => 20,
            'G' => 30,
            'T' => 40,
            _ => 0,
        };
        return long.TryParse(shift == 0 ? digits : digits[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out long size) && size <= long.MaxValue >> shift
            ? size << shift
            : throw new SourceException($"invalid {option} '{text}': it takes a size, as 512M or 2G") { IsUsageError = true };
    }
}
