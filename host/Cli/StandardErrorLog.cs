using Microsoft.Extensions.Logging;

namespace Kaleidofs.Host.Cli;

/// <summary>The log of a verb that runs and ends: warnings and errors on the standard error, a line each.</summary>
internal sealed class StandardErrorLog(LogLevel level) : DriverLog
{
    /// <inheritdoc/>
    public override void Information(string message)
    {
        // Of interest to an operator of a server; here only to who asked for everything.
        if (level <= LogLevel.Debug)
        {
            Console.Error.WriteLine($"kaleidofs: {message}");
        }
    }

    /// <inheritdoc/>
    public override void Warning(string message)
    {
        if (level <= LogLevel.Warning)
        {
            Console.Error.WriteLine($"kaleidofs: warning: {message}");
        }
    }

    /// <inheritdoc/>
    public override void Error(string message, Exception? exception = null)
        => Console.Error.WriteLine($"kaleidofs: {message}{(level <= LogLevel.Debug && exception is not null ? ": " + exception : "")}");
}
