using System.Buffers.Text;

namespace Kaleidofs.Drivers.Archive.Tar;

/// <summary>Times of PAX records: decimal seconds with a fraction, before 1970 with a sign.</summary>
internal static class PaxTime
{
    private const int Digits = 9;
    private const long Second = 1_000_000_000;

    /// <summary>Reads a time to the nanosecond, rounding down; null for an empty one.</summary>
    public static Timestamp? Parse(ReadOnlySpan<byte> text, ref bool isGood)
    {
        if (text.IsEmpty)
        {
            return null;
        }
        bool isNegative = text[0] == '-';
        text = isNegative ? text[1..] : text;
        if (!Utf8Parser.TryParse(text, out long seconds, out int length) || seconds < 0)
        {
            isGood = false;
            return null;
        }
        long nanoseconds = 0;
        bool hasMore = false;
        if (length < text.Length)
        {
            isGood &= text[length] == '.' && !text[(length + 1)..].ContainsAnyExceptInRange((byte)'0', (byte)'9');
            ReadOnlySpan<byte> fraction = text[(length + 1)..];
            for (int i = 0; i < Digits; i++)
            {
                nanoseconds = (nanoseconds * 10) + (i < fraction.Length ? fraction[i] - '0' : 0);
            }
            hasMore = fraction.Length > Digits && fraction[Digits..].ContainsAnyExcept((byte)'0');
        }
        if (!isGood)
        {
            return null;
        }
        if (isNegative)
        {
            nanoseconds = -nanoseconds - (hasMore ? 1 : 0);
            seconds = -seconds;
            if (nanoseconds < 0)
            {
                seconds--;
                nanoseconds += Second;
            }
        }
        return new Timestamp(seconds, (uint)nanoseconds);
    }
}
