using System.Globalization;
using System.Text.Json;
using Kaleidofs.Drivers.Llm.Authors;

namespace Kaleidofs.Drivers.Llm.Chat;

/// <summary>Reads a listing that a model wrote, and trusts nothing of it: servers take a schema and ignore it.</summary>
internal static class ListingReader
{
    private const int MaxAbout = 1000;

    /// <summary>The schema that is sent along, which is no more than a hint.</summary>
    public static JsonElement Schema { get; } = JsonDocument.Parse("""
        {
          "type": "object",
          "properties": {
            "summary": { "type": "string" },
            "entries": {
              "type": "array",
              "items": {
                "type": "object",
                "properties": {
                  "name": { "type": "string" },
                  "type": { "type": "string", "enum": ["file", "directory"] },
                  "about": { "type": "string" },
                  "modified": { "type": "string" }
                },
                "required": ["name", "type", "about", "modified"],
                "additionalProperties": false
              }
            }
          },
          "required": ["summary", "entries"],
          "additionalProperties": false
        }
        """).RootElement;

    /// <summary>The listing, or null with what is wrong with it.</summary>
    public static ListingDraft? Read(string answer, out string? problem)
    {
        using JsonDocument? document = JsonAnswer.Parse(answer, out problem);
        if (document is null)
        {
            return null;
        }
        JsonElement root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("entries", out JsonElement list) || list.ValueKind != JsonValueKind.Array)
        {
            problem = "it is not an object with a list 'entries'";
            return null;
        }
        if (JsonAnswer.GetText(root, "summary") is not { } summary)
        {
            problem = "'summary' is not a text";
            return null;
        }
        List<EntryDraft> entries = [];
        // Some guests do not tell upper from lower case.
        Dictionary<string, string> taken = new(StringComparer.OrdinalIgnoreCase);
        foreach (JsonElement element in list.EnumerateArray())
        {
            EntryDraft? entry = ReadEntry(element, out problem);
            if (entry is null)
            {
                problem = $"entry {entries.Count + 1}: {problem}";
                return null;
            }
            if (!taken.TryAdd(entry.Name, entry.Name))
            {
                problem = taken[entry.Name] == entry.Name ? $"'{entry.Name}' stands there twice" : $"'{taken[entry.Name]}' and '{entry.Name}' differ only in upper and lower case";
                return null;
            }
            entries.Add(entry);
        }
        return new ListingDraft(entries, Cut(summary));
    }

    private static EntryDraft? ReadEntry(JsonElement element, out string? problem)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            problem = "it is not an object";
            return null;
        }
        if (JsonAnswer.GetText(element, "name") is not { } name || JsonAnswer.GetText(element, "type") is not { } type
            || JsonAnswer.GetText(element, "about") is not { } about || JsonAnswer.GetText(element, "modified") is not { } modified)
        {
            problem = "'name', 'type', 'about' and 'modified' must be texts";
            return null;
        }
        if (EntryName.FindProblem(name) is { } wrong)
        {
            problem = $"the name {JsonSerializer.Serialize(name.Length > 64 ? name[..64] + "..." : name, EntryText.Default.String)} {wrong}";
            return null;
        }
        if (type is not ("file" or "directory"))
        {
            problem = $"its type is neither 'file' nor 'directory'";
            return null;
        }
        problem = null;
        // A date is decoration: one that is none is left out.
        bool isDate = DateTimeOffset.TryParse(modified, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset time) && time.Year is >= 1970 and <= 2100;
        return new EntryDraft(name, type == "directory", Cut(about), isDate ? time : null);
    }

    private static string Cut(string text) => text.Length <= MaxAbout ? text : text[..MaxAbout];
}
