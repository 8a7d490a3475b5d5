using System.Diagnostics;
using System.Globalization;

namespace Kaleidofs.Host.Cli;

/// <summary>Shows on the standard error how far a work is: a bar in place on a terminal, elsewhere a line every few seconds.</summary>
/// <param name="what">What is being done.</param>
internal sealed class ProgressBar(string what) : IProgress<double>, IDisposable
{
    private const int Width = 30;

    private static readonly TimeSpan OnTerminal = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Elsewhere = TimeSpan.FromSeconds(5);

    private readonly bool _isTerminal = !Console.IsErrorRedirected;
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly Lock _lock = new();
    private TimeSpan _lastShown = TimeSpan.Zero;
    private bool _hasBar;

    /// <inheritdoc/>
    public void Report(double value)
    {
        lock (_lock)
        {
            TimeSpan now = Stopwatch.GetElapsedTime(_start);
            if (now - _lastShown < (_isTerminal ? OnTerminal : Elsewhere))
            {
                return;
            }
            _lastShown = now;
            double done = Math.Clamp(value, 0, 1);
            string figures = string.Create(CultureInfo.InvariantCulture, $"{done * 100:0} %, {now.TotalSeconds:0} s{Remaining(done, now)}");
            if (!_isTerminal)
            {
                Console.Error.WriteLine($"kaleidofs: {what}: {figures}");
                return;
            }
            int filled = (int)(done * Width);
            Console.Error.Write($"\r{what} [{new string('#', filled)}{new string(' ', Width - filled)}] {figures}\x1b[K");
            _hasBar = true;
        }
    }

    /// <summary>Erases the bar: what follows stands where it stood.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_hasBar)
            {
                Console.Error.Write("\r\x1b[K");
                _hasBar = false;
            }
        }
    }

    private static string Remaining(double done, TimeSpan elapsed)
        => done < 0.05 ? "" : string.Create(CultureInfo.InvariantCulture, $", {elapsed.TotalSeconds * (1 - done) / done:0} s to go");
}
