namespace Kaleidofs.Drivers.Llm.Generating;

/// <summary>What users, models and servers wrote, for a log: one line, which can do nothing to a terminal.</summary>
internal static class LogLine
{
    private const int MaxLength = 1000;

    public static string Write(string text)
        => string.Concat(text.Take(MaxLength).Select(character => char.IsControl(character) ? ' ' : character));
}
