using System.Buffers.Binary;

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

    /// <summary>Writes time and date as headers have them; what they cannot say becomes the nearest that they can.</summary>
    public static void Write(Span<byte> destination, Timestamp time)
    {
        const long First = 315_532_800;
        const long Last = 4_354_819_198;
        DateTime utc = DateTime.UnixEpoch.AddSeconds(Math.Clamp(time.Seconds, First, Last));
        BinaryPrimitives.WriteUInt16LittleEndian(destination, (ushort)((utc.Hour << 11) | (utc.Minute << 5) | (utc.Second / 2)));
        BinaryPrimitives.WriteUInt16LittleEndian(destination[2..], (ushort)(((utc.Year - 1980) << 9) | (utc.Month << 5) | utc.Day));
    }
}
