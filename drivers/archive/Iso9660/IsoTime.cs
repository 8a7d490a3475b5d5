namespace Kaleidofs.Drivers.Archive.Iso9660;

/// <summary>Times: seven numbers, or sixteen digits and a number. What is no time is the epoch.</summary>
internal static class IsoTime
{
    /// <summary>The length of the short form.</summary>
    public const int ShortLength = 7;

    /// <summary>The length of the long form.</summary>
    public const int LongLength = 17;

    private const int ZoneSeconds = 15 * 60;

    /// <summary>Years since 1900, month, day, hour, minute, second, quarters of an hour east of Greenwich.</summary>
    public static Timestamp ReadShort(ReadOnlySpan<byte> field)
        => Make(1900 + field[0], field[1], field[2], field[3], field[4], field[5], 0, (sbyte)field[6]);

    /// <summary>The same as digits, the year with four, and hundredths of a second.</summary>
    public static Timestamp ReadLong(ReadOnlySpan<byte> field)
    {
        for (int i = 0; i < LongLength - 1; i++)
        {
            if (field[i] is < (byte)'0' or > (byte)'9')
            {
                return default;
            }
        }
        return Make((Two(field) * 100) + Two(field[2..]), Two(field[4..]), Two(field[6..]), Two(field[8..]), Two(field[10..]), Two(field[12..]), Two(field[14..]), (sbyte)field[16]);
    }

    private static int Two(ReadOnlySpan<byte> digits) => ((digits[0] - '0') * 10) + digits[1] - '0';

    private static Timestamp Make(int year, int month, int day, int hour, int minute, int second, int hundredths, int zone)
    {
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 59)
        {
            return default;
        }
        Timestamp local = Timestamp.From(new DateTimeOffset(year, month, day, hour, minute, second, TimeSpan.Zero));
        return new Timestamp(local.Seconds - (zone * ZoneSeconds), (uint)hundredths * 10_000_000);
    }
}
