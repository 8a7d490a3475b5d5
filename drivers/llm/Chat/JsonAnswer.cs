using System.Text.Json;

namespace Kaleidofs.Drivers.Llm.Chat;

/// <summary>The one JSON value that an answer was to be.</summary>
internal static class JsonAnswer
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 16 };

    /// <summary>An answer's JSON, without the fence that models like to put around it; null with the reason if there is none.</summary>
    public static JsonDocument? Parse(string answer, out string? problem)
    {
        try
        {
            problem = null;
            return JsonDocument.Parse(FenceStripper.Strip(answer), Options);
        }
        catch (JsonException exception)
        {
            problem = $"it is not valid JSON ({exception.Message})";
            return null;
        }
    }

    /// <summary>A property's text; null if it is there and none, empty if it is not there.</summary>
    public static string? GetText(JsonElement element, string name)
    {
        if (!element.TryGetProperty(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
        {
            return "";
        }
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // Escapes of half a character.
            return null;
        }
    }
}
