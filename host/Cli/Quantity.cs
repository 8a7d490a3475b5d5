using System.Globalization;

namespace Kaleidofs.Host.Cli;

/// <summary>Figures as people read them.</summary>
internal static class Quantity
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

    /// <summary>1,234,567.</summary>
    public static string Count(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>12.3 MiB.</summary>
    public static string Bytes(double value)
    {
        int unit = 0;
        for (; value >= 1024 && unit < Units.Length - 1; unit++)
        {
            value /= 1024;
        }
        return Short(value, unit == 0 ? "0" : "0.0") + " " + Units[unit];
    }

    /// <summary>12.3 us, 4.5 ms, 2.1 s, 3 h 12 min.</summary>
    public static string Duration(double seconds) => seconds switch
    {
        0 => "-",
        < 1e-3 => Short(seconds * 1e6, "0.0") + " us",
        < 1 => Short(seconds * 1e3, "0.0") + " ms",
        < 120 => Short(seconds, "0.0") + " s",
        < 7200 => Short(Math.Floor(seconds / 60), "0") + " min",
        < 172_800 => string.Create(CultureInfo.InvariantCulture, $"{(long)seconds / 3600} h {(long)seconds / 60 % 60} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(long)seconds / 86_400} d {(long)seconds / 3600 % 24} h"),
    };

    private static string Short(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
