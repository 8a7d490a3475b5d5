using System.Globalization;
using System.Text;

namespace Kaleidofs.Drivers.Llm.Chat;

/// <summary>What a name from a model must be.</summary>
internal static class EntryName
{
    /// <summary>What is wrong with a name; null if nothing is.</summary>
    public static string? FindProblem(string name)
    {
        if (name.Length == 0)
        {
            return "is empty";
        }
        if (name is "." or "..")
        {
            return "is '.' or '..'";
        }
        if (name.Contains('/', StringComparison.Ordinal))
        {
            return "has a '/'";
        }
        if (name == History.DirectoryName)
        {
            return "is kept for earlier generations";
        }
        for (int i = 0; i < name.Length; i++)
        {
            if (char.IsHighSurrogate(name[i]) && i + 1 < name.Length && char.IsLowSurrogate(name[i + 1]))
            {
                i++;
                continue;
            }
            if (char.IsSurrogate(name[i]) || name[i] == '\uFFFD')
            {
                return "is not Unicode";
            }
            // Format characters can turn a name around on a screen.
            if (CharUnicodeInfo.GetUnicodeCategory(name[i]) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
            {
                return "has a control character";
            }
        }
        return Encoding.UTF8.GetByteCount(name) > FileSystem.MaxNameLength ? $"has more than {FileSystem.MaxNameLength} bytes" : null;
    }
}
