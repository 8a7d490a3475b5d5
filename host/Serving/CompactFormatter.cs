using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Kaleidofs.Host.Serving;

/// <summary><c>time level share: message</c>, in one line whatever the message holds.</summary>
internal sealed class CompactFormatter() : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "compact";

    /// <inheritdoc/>
    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        textWriter.Write(DateTimeOffset.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z' ", CultureInfo.InvariantCulture));
        textWriter.Write(logEntry.LogLevel switch
        {
            LogLevel.Critical or LogLevel.Error => "error   ",
            LogLevel.Warning => "warning ",
            LogLevel.Information => "info    ",
            _ => "debug   ",
        });
        textWriter.Write(logEntry.Category);
        textWriter.Write(": ");
        WriteOneLine(textWriter, logEntry.Formatter(logEntry.State, logEntry.Exception));
        if (logEntry.Exception is { } exception)
        {
            textWriter.Write(": ");
            WriteOneLine(textWriter, exception.ToString());
        }
        textWriter.WriteLine();
    }

    /// <summary>A name in a message is the source's: it must not forge a line or steer the terminal.</summary>
    private static void WriteOneLine(TextWriter writer, string text)
    {
        foreach (char character in text)
        {
            if (character == '\n')
            {
                writer.Write(" | ");
            }
            else if (!char.IsControl(character))
            {
                writer.Write(character);
            }
            else if (character != '\r')
            {
                writer.Write($"\\x{(int)character:x2}");
            }
        }
    }
}
