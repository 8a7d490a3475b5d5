using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace Kaleidofs.Host.Serving;

/// <summary>The log: one line a message, on the standard error.</summary>
/// <remarks>Put together by hand: the usual way, through a container of services, takes longer than opening an archive.</remarks>
internal static class HostLogging
{
    /// <summary>What messages of the process as a whole stand under.</summary>
    public const string HostCategory = "host";

    /// <summary>A log of what is at least as grave as <paramref name="level"/>. Disposing it writes out what is queued.</summary>
    public static ILoggerFactory Create(LogLevel level)
    {
        ConsoleLoggerOptions options = new()
        {
            FormatterName = CompactFormatter.FormatterName,
            LogToStandardErrorThreshold = LogLevel.Trace,
        };
        LoggerFactory logs = new([], new LoggerFilterOptions { MinLevel = level });
#pragma warning disable CA2000 // It is the factory's from here.
        logs.AddProvider(new ConsoleLoggerProvider(new FixedOptions(options), [new CompactFormatter()]));
#pragma warning restore CA2000
        return logs;
    }

    /// <summary>Options that nobody changes.</summary>
    private sealed class FixedOptions(ConsoleLoggerOptions options) : IOptionsMonitor<ConsoleLoggerOptions>
    {
        public ConsoleLoggerOptions CurrentValue => options;

        public ConsoleLoggerOptions Get(string? name) => options;

        public IDisposable? OnChange(Action<ConsoleLoggerOptions, string?> listener) => null;
    }
}
