using System.Globalization;

namespace Kaleidofs.Tests.Bench.Peers;

/// <summary>What was measured, and the program's own processor time for it.</summary>
/// <param name="Value">Null if it took too long, NaN if it failed.</param>
/// <param name="Processor">Null where it is not known.</param>
internal readonly record struct Figure(double? Value, double? Processor)
{
    public static Figure Failed { get; } = new(double.NaN, null);

    /// <summary>The figure of the median run, as it stands in a table.</summary>
    public static string Median(IEnumerable<Figure> figures, int limitSeconds)
    {
        Figure[] sorted = [.. figures.OrderBy(figure => figure.Value ?? double.MaxValue)];
        if (sorted.Length == 0)
        {
            return "-";
        }
        (double? value, double? processor) = sorted[sorted.Length / 2];
        return value is null ? $"> {limitSeconds}"
            : double.IsNaN(value.Value) ? "failed"
            : processor is { } used ? $"{Format(value.Value)} ({Format(used)})"
            : Format(value.Value);
    }

    private static string Format(double value) => value.ToString(value < 10 ? "F2" : value < 100 ? "F1" : "F0", CultureInfo.InvariantCulture);
}
