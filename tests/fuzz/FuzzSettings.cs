using System.Globalization;

namespace Kaleidofs.Tests.Fuzz;

/// <summary>How long, and from which seed on: KALEIDOFS_FUZZ_SECONDS (for each target) and KALEIDOFS_FUZZ_SEED.</summary>
internal static class FuzzSettings
{
    public static double? Seconds => Read("KALEIDOFS_FUZZ_SECONDS") is { } text ? double.Parse(text, CultureInfo.InvariantCulture) : null;

    /// <summary>The first episode's seed; null where none is given.</summary>
    public static ulong? Seed => Read("KALEIDOFS_FUZZ_SEED") is { } text
        ? Convert.ToUInt64(text, text.StartsWith("0x", StringComparison.Ordinal) ? 16 : 10)
        : null;

    private static string? Read(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : null;
}
