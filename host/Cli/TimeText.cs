using System.Globalization;

namespace Kaleidofs.Host.Cli;

/// <summary>Times in UTC: the same on every machine.</summary>
internal static class TimeText
{
    /// <summary>2024-12-31 23:59:59.</summary>
    public static string ToSeconds(Timestamp time)
        => time.ToDateTimeOffset().UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>2024-12-31 23:59:59.123456789 UTC.</summary>
    public static string ToNanoseconds(Timestamp time)
        => string.Create(CultureInfo.InvariantCulture, $"{ToSeconds(time)}.{time.Nanoseconds:d9} UTC");
}
