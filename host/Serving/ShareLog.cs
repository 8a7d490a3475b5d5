using Microsoft.Extensions.Logging;

namespace Kaleidofs.Host.Serving;

/// <summary>The host's log as a share's driver, session and transport see it. A guest that provokes line after line does not fill the disk.</summary>
internal sealed class ShareLog(ILogger logger, TimeProvider? time = null) : DriverLog
{
    /// <summary>The most lines of one share in each <see cref="Window"/>.</summary>
    public const int MaxLines = 100;

    /// <summary>After it lines are written again, first how many were not.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly Lock _gate = new();
    private long _windowStart;
    private int _lines;

    /// <inheritdoc/>
    public override void Information(string message)
    {
        if (MayWrite())
        {
            logger.LogInformation("{Message}", message);
        }
    }

    /// <inheritdoc/>
    public override void Warning(string message)
    {
        if (MayWrite())
        {
            logger.LogWarning("{Message}", message);
        }
    }

    /// <inheritdoc/>
    public override void Error(string message, Exception? exception = null)
    {
        if (MayWrite())
        {
            logger.LogError(exception, "{Message}", message);
        }
    }

    private bool MayWrite()
    {
        int omitted = 0;
        bool mayWrite;
        lock (_gate)
        {
            long now = _time.GetTimestamp();
            if (_lines == 0 || _time.GetElapsedTime(_windowStart, now) >= Window)
            {
                omitted = Math.Max(0, _lines - MaxLines);
                _windowStart = now;
                _lines = 0;
            }
            mayWrite = ++_lines <= MaxLines;
        }
        if (omitted > 0)
        {
            logger.LogWarning("{Omitted} lines of this share were left out", omitted);
        }
        return mayWrite;
    }
}
