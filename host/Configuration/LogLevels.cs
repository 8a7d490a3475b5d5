using Microsoft.Extensions.Logging;

namespace Kaleidofs.Host.Configuration;

/// <summary>Log levels as users write them.</summary>
internal static class LogLevels
{
    /// <exception cref="SourceException">There is no such level.</exception>
    public static LogLevel Parse(string option, string text) => text switch
    {
        "error" => LogLevel.Error,
        "warning" or "warn" => LogLevel.Warning,
        "info" => LogLevel.Information,
        "debug" => LogLevel.Debug,
        _ => throw new SourceException($"invalid {option} '{text}': it takes error, warning, info or debug") { IsUsageError = true },
    };
}
