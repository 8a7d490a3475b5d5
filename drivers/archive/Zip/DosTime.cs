namespace Kaleidofs.Drivers.Archive.Zip;

/// <summary>MS-DOS dates and times (APPNOTE 4.4.6): local time of an unknown place, taken as UTC.</summary>
internal static class DosTime
{
    /// <summary>The time; what is out of range becomes the nearest that is in it.</summary>
    public static Timestamp ToTimestamp(ushort date, ushort time)
    {
        int year = 1980 + (date >> 9);
        int month = Math.Clamp((date >> 5) & 15, 1, 12);
        int day = Math.Clamp(date & 31, 1, DateTime.DaysInMonth(year, month));
        int hour = Math.Min(time >> 11, 23);
        int minute = Math.Min((time >> 5) & 63, 59);
        int second = Math.Min((time & 31) * 2, 59);
        DateTime utc = new(year, month, day, hour, minute, second, DateTimeKind.Utc);
        return new Timestamp((utc.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerSecond);
    }
}
