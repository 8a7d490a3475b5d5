using System.Text;

namespace Kaleidofs.Host.Cli;

/// <summary>The text after <c>-o</c>: key=value, several with commas between them; a backslash before a comma makes it part of the value.</summary>
internal static class OptionList
{
    /// <summary>A switch without a value gets an empty one.</summary>
    /// <exception cref="SourceException">A key is empty or given twice.</exception>
    public static Dictionary<string, string> Parse(IEnumerable<string> texts)
    {
        Dictionary<string, string> options = new(StringComparer.Ordinal);
        foreach (string option in texts.SelectMany(Split).Where(option => option.Length > 0))
        {
            int equals = option.IndexOf('=', StringComparison.Ordinal);
            string key = equals < 0 ? option : option[..equals];
            if (key.Length == 0)
            {
                throw new SourceException($"invalid option '{option}': write key=value") { IsUsageError = true };
            }
            if (!options.TryAdd(key, equals < 0 ? "" : option[(equals + 1)..]))
            {
                throw new SourceException($"option '{key}' was given twice; give it once") { IsUsageError = true };
            }
        }
        return options;
    }

    private static List<string> Split(string text)
    {
        List<string> parts = [];
        StringBuilder part = new();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 1 < text.Length && text[i + 1] is ',' or '\\')
            {
                part.Append(text[++i]);
            }
            else if (text[i] == ',')
            {
                parts.Add(part.ToString());
                part.Clear();
            }
            else
            {
                part.Append(text[i]);
            }
        }
        parts.Add(part.ToString());
        return parts;
    }
}
