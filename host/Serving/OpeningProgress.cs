using System.Diagnostics;
using System.Globalization;

namespace Kaleidofs.Host.Serving;

/// <summary>Says that a source which takes long to open is still being opened: on a terminal in place, elsewhere a line every few seconds.</summary>
/// <param name="log">Takes the lines; null for the terminal.</param>
internal sealed class OpeningProgress(DriverLog? log)
{
    private static readonly TimeSpan OnTerminal = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan InLog = TimeSpan.FromSeconds(5);

    /// <summary>For a verb that runs and ends: quiet unless somebody watches.</summary>
    public static OpeningProgress ForTerminal { get; } = new(null);

    public Task<FileSystem> WatchAsync(string source, Task<FileSystem> opening) => WatchAsync("opening", source, opening);

    /// <summary>The same for other work on a source.</summary>
    public async Task<T> WatchAsync<T>(string doing, string source, Task<T> work)
    {
        if (log is null && Console.IsErrorRedirected)
        {
            return await work.ConfigureAwait(false);
        }
        long start = Stopwatch.GetTimestamp();
        bool hasWritten = false;
        while (await Task.WhenAny(work, Task.Delay(log is null ? OnTerminal : InLog)).ConfigureAwait(false) != work)
        {
            string line = string.Create(CultureInfo.InvariantCulture, $"{doing} {source}: {Stopwatch.GetElapsedTime(start).TotalSeconds:0} s so far");
            if (log is null)
            {
                Console.Error.Write("\r" + line);
                hasWritten = true;
            }
            else
            {
                log.Information(line);
            }
        }
        if (hasWritten)
        {
            // The line is erased: what follows stands where it stood.
            Console.Error.Write("\r\x1b[K");
        }
        return await work.ConfigureAwait(false);
    }
}
