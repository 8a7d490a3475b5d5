using System.Text;

namespace Kaleidofs.Drivers.Git;

/// <summary>Reads the syntax of git's config files (git-config, "Syntax"). What is none of it is passed over; nothing is included.</summary>
internal static class ConfigText
{
    public static IEnumerable<ConfigEntry> Parse(string text)
    {
        string section = "";
        string? subsection = null;
        for (int at = 0; at < text.Length;)
        {
            char first = text[at];
            if (char.IsWhiteSpace(first))
            {
                at++;
            }
            else if (first == '[')
            {
                (section, subsection) = ReadSection(text, ref at);
            }
            else if (first is '#' or ';')
            {
                at = FindLineEnd(text, at);
            }
            else
            {
                int end = FindLineEnd(text, at);
                int equals = text.IndexOf('=', at, end - at);
                string key = text[at..(equals < 0 ? end : equals)].Trim().ToLowerInvariant();
                at = equals < 0 ? end : equals + 1;
                yield return new ConfigEntry(section, subsection, key, equals < 0 ? "true" : ReadValue(text, ref at));
            }
        }
    }

    private static int FindLineEnd(string text, int at) => text.IndexOf('\n', at) is >= 0 and var end ? end : text.Length;

    private static (string Section, string? Subsection) ReadSection(string text, ref int at)
    {
        int end = FindLineEnd(text, at);
        int name = ++at;
        while (at < end && text[at] is not (']' or '"'))
        {
            at++;
        }
        string section = text[name..at].Trim().ToLowerInvariant();
        StringBuilder? subsection = null;
        if (at < end && text[at] == '"')
        {
            subsection = new StringBuilder();
            for (at++; at < end && text[at] != '"'; at++)
            {
                at += text[at] == '\\' && at + 1 < end ? 1 : 0;
                subsection.Append(text[at]);
            }
            at = text.IndexOf(']', at, end - at) is >= 0 and var bracket ? bracket : end;
        }
        at = Math.Min(at + 1, end);
        return (section, subsection?.ToString());
    }

    private static string ReadValue(string text, ref int at)
    {
        StringBuilder value = new();
        bool isQuoted = false;
        // Blanks at the end count only within quotes.
        int kept = 0;
        for (; at < text.Length && text[at] != '\n'; at++)
        {
            char next = text[at];
            if (!isQuoted && next is ('#' or ';'))
            {
                at = FindLineEnd(text, at);
                break;
            }
            if (next == '"')
            {
                isQuoted = !isQuoted;
                kept = value.Length;
            }
            else if (next == '\\' && at + 1 < text.Length)
            {
                next = text[++at];
                if (next != '\n')
                {
                    value.Append(next switch { 'n' => '\n', 't' => '\t', 'b' => '\b', _ => next });
                    kept = value.Length;
                }
            }
            else if (isQuoted || !char.IsWhiteSpace(next) || kept > 0)
            {
                value.Append(next);
                kept = isQuoted || !char.IsWhiteSpace(next) ? value.Length : kept;
            }
        }
        return value.ToString(0, kept);
    }
}
