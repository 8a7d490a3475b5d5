namespace Kaleidofs.Drivers.Archive.Indexing;

/// <summary>Remembers the warnings that reading an archive gave: who opens it by its index is to hear them, too.</summary>
internal sealed class NotedLog(DriverLog log) : DriverLog
{
    public const int MaxLines = 100;

    private readonly List<string> _lines = [];

    public IReadOnlyList<string> Lines => _lines;

    public override void Information(string message) => log.Information(message);

    public override void Warning(string message)
    {
        if (_lines.Count < MaxLines)
        {
            _lines.Add(message);
        }
        log.Warning(message);
    }

    public override void Error(string message, Exception? exception = null) => log.Error(message, exception);
}
