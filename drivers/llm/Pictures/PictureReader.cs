using System.Globalization;
using System.Text.Json;
using Kaleidofs.Drivers.Llm.Chat;

namespace Kaleidofs.Drivers.Llm.Pictures;

/// <summary>Draws what a model described.</summary>
internal static class PictureReader
{
    private const int MaxShapes = 200;

    /// <summary>The picture, or null with what is wrong with the description.</summary>
    public static Picture? Read(string answer, out string? problem)
    {
        using JsonDocument? document = JsonAnswer.Parse(answer, out problem);
        if (document is null)
        {
            return null;
        }
        JsonElement root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object
            || GetNumber(root, "width") is not { } width || GetNumber(root, "height") is not { } height
            || width is < 1 or > Picture.MaxSide || height is < 1 or > Picture.MaxSide
            || GetColour(root, "background") is not { } background)
        {
            problem = $"'width' and 'height' must be from 1 to {Picture.MaxSide}, and 'background' a colour like #rrggbb";
            return null;
        }
        Picture picture = new(width, height, background);
        if (!root.TryGetProperty("shapes", out JsonElement shapes) || shapes.ValueKind != JsonValueKind.Array || shapes.GetArrayLength() > MaxShapes)
        {
            problem = $"'shapes' must be a list of at most {MaxShapes}";
            return null;
        }
        foreach (JsonElement shape in shapes.EnumerateArray())
        {
            if (!TryPaint(picture, shape))
            {
                problem = "a shape is neither a rectangle nor a circle with all of its numbers and a colour";
                return null;
            }
        }
        return picture;
    }

    private static bool TryPaint(Picture picture, JsonElement shape)
    {
        if (shape.ValueKind != JsonValueKind.Object || GetNumber(shape, "x") is not { } x || GetNumber(shape, "y") is not { } y || GetColour(shape, "color") is not { } colour)
        {
            return false;
        }
        switch (JsonAnswer.GetText(shape, "type"))
        {
            case "rectangle" when GetNumber(shape, "width") is { } width && GetNumber(shape, "height") is { } height:
                picture.FillRectangle(x, y, width, height, colour);
                return true;
            case "circle" when GetNumber(shape, "radius") is { } radius and >= 0:
                picture.FillCircle(x, y, radius, colour);
                return true;
            default:
                return false;
        }
    }

    private static int? GetNumber(JsonElement element, string name)
        => element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && Math.Abs(number) <= 100_000
            ? (int)number : null;

    private static uint? GetColour(JsonElement element, string name)
        => JsonAnswer.GetText(element, name) is ['#', .. { Length: 6 } digits] && uint.TryParse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out uint colour) ? colour : null;
}
