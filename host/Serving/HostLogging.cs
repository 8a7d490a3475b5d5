using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Kaleidofs.Host.Serving;

/// <summary>The log: one line a message, on the standard error.</summary>
internal static class HostLogging
{
    /// <summary>What messages of the process as a whole stand under.</summary>
    public const string HostCategory = "host";

    /// <summary>A log of what is at least as grave as <paramref name="level"/>. Disposing it writes out what is queued.</summary>
    public static ILoggerFactory Create(LogLevel level) => LoggerFactory.Create(builder =>
    {
        builder.SetMinimumLevel(level);
        builder.AddConsole(console =>
        {
            console.FormatterName = CompactFormatter.FormatterName;
            console.LogToStandardErrorThreshold = LogLevel.Trace;
        });
        builder.Services.AddSingleton<ConsoleFormatter, CompactFormatter>();
    });
}
