using System.Globalization;
using System.Text;
using Kaleidofs.Drivers.Llm.Worlds;

namespace Kaleidofs.Drivers.Llm.Commands;

/// <summary>What a world has cost.</summary>
internal sealed record WorldBill
{
    /// <summary>Of listings that are kept.</summary>
    public Usage Listings { get; private init; }

    /// <summary>Of contents that are kept.</summary>
    public Usage Contents { get; private init; }

    /// <summary>Of all, failed and replaced ones too.</summary>
    public Usage Total { get; private init; }

    private IReadOnlyList<(DateTimeOffset Time, Usage Usage)> Recent { get; init; } = [];

    public static WorldBill Of(World world)
    {
        Usage listings = default;
        Usage contents = default;
        lock (world.Gate)
        {
            foreach (WorldNode node in world.Nodes)
            {
                listings += node.Listing?.Usage ?? default;
                contents += node.Content.Provenance?.Usage ?? default;
            }
        }
        return new WorldBill { Listings = listings, Contents = contents, Total = world.Spending.Total, Recent = world.Spending.GetRecent(DateTimeOffset.UtcNow) };
    }

    public string Describe(DateTimeOffset now)
    {
        Usage hour = default;
        foreach ((DateTimeOffset time, Usage usage) in Recent.Where(spent => now - spent.Time <= TimeSpan.FromHours(1)))
        {
            hour += usage;
        }
        Usage rest = new(Total.Calls - Listings.Calls - Contents.Calls, Total.InputTokens - Listings.InputTokens - Contents.InputTokens,
            Total.OutputTokens - Listings.OutputTokens - Contents.OutputTokens, Total.CostInMillionths - Listings.CostInMillionths - Contents.CostInMillionths);
        StringBuilder text = new();
        text.Append("                calls  input tokens  output tokens        cost\n");
        AppendRow(text, "listings", Listings);
        AppendRow(text, "contents", Contents);
        AppendRow(text, "others", rest);
        AppendRow(text, "in all", Total);
        AppendRow(text, "last hour", hour);
        return text.ToString();
    }

    private static void AppendRow(StringBuilder text, string what, Usage usage)
        => text.Append(CultureInfo.InvariantCulture, $"{what,-10}{usage.Calls,11}{usage.InputTokens,14}{usage.OutputTokens,15}{usage.CostInMillionths / 1e6,12:0.0000}\n");
}
