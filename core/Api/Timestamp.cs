namespace Kaleidofs;

/// <summary>A point in time: seconds since 1970-01-01T00:00:00Z (negative before) and nanoseconds (0 to 999,999,999) after that second.</summary>
/// <param name="Seconds">Seconds since the epoch.</param>
/// <param name="Nanoseconds">Nanoseconds, always counted forward.</param>
public readonly record struct Timestamp(long Seconds, uint Nanoseconds = 0)
{
    private const long TicksAtEpoch = 621_355_968_000_000_000;

    /// <summary>The same point as a <see cref="DateTimeOffset"/>, to 100 ns; clamped to what that type can hold.</summary>
    public DateTimeOffset ToDateTimeOffset()
    {
        long seconds = Math.Clamp(Seconds, DateTimeOffset.MinValue.ToUnixTimeSeconds(), DateTimeOffset.MaxValue.ToUnixTimeSeconds());
        return DateTimeOffset.FromUnixTimeSeconds(seconds).AddTicks(Nanoseconds / 100);
    }

    /// <summary>A timestamp from a <see cref="DateTimeOffset"/>.</summary>
    public static Timestamp From(DateTimeOffset time)
    {
        long ticks = time.UtcTicks - TicksAtEpoch;
        long seconds = Math.DivRem(ticks, TimeSpan.TicksPerSecond, out long rest);
        if (rest < 0)
        {
            seconds--;
            rest += TimeSpan.TicksPerSecond;
        }
        return new Timestamp(seconds, (uint)(rest * 100));
    }
}
