using System.Collections.Concurrent;
using System.Text;

namespace Kaleidofs.Drivers.Archive;

/// <summary>Tells once of each entry that cannot be read, and of so many at most: an archive may have a million of them.</summary>
internal sealed class DamageLog(string archive, DriverLog log)
{
    private const int MaxLines = 50;

    private readonly ConcurrentDictionary<int, bool> _told = new();

    /// <summary>Says that an entry cannot be read.</summary>
    public void Report(int entry, ReadOnlySpan<byte> name, string reason)
    {
        if (_told.Count >= MaxLines || !_told.TryAdd(entry, true))
        {
            return;
        }
        log.Warning($"{archive}: entry '{ToText(name)}': {reason}");
        if (_told.Count == MaxLines)
        {
            log.Warning($"{archive}: further entries that cannot be read are not told");
        }
    }

    /// <summary>A name for a line of a log: nothing in it may move the cursor or end the line.</summary>
    public static string ToText(ReadOnlySpan<byte> name)
    {
        StringBuilder text = new();
        foreach (char character in Encoding.UTF8.GetString(name))
        {
            text.Append(char.IsControl(character) ? '?' : character);
        }
        return text.ToString();
    }
}
