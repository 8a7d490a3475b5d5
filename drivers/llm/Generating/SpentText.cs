using System.Globalization;
using Kaleidofs.Drivers.Llm.Worlds;

namespace Kaleidofs.Drivers.Llm.Generating;

/// <summary>What was spent, for people.</summary>
internal static class SpentText
{
    /// <summary>In a status.</summary>
    public static string Describe(Budget budget)
    {
        Usage total = budget.Total;
        Usage hour = budget.LastHour;
        return string.Create(CultureInfo.InvariantCulture, $"{total.Calls} calls and {total.Tokens} tokens spent, {hour.Calls} and {hour.Tokens} of them in the last hour");
    }

    /// <summary>In an extended attribute.</summary>
    public static string Write(Budget budget)
    {
        Usage total = budget.Total;
        Usage hour = budget.LastHour;
        return string.Create(CultureInfo.InvariantCulture,
            $"calls={total.Calls} input_tokens={total.InputTokens} output_tokens={total.OutputTokens} cost={total.CostInMillionths / 1e6} last_hour_calls={hour.Calls} last_hour_tokens={hour.Tokens}");
    }
}
