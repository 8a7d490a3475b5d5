namespace Kaleidofs.Tests.Unit.VhostUser;

/// <summary>A log that a test can look into.</summary>
internal sealed class CollectedLog : DriverLog
{
    private readonly List<string> _lines = [];

    public string[] Lines
    {
        get
        {
            lock (_lines)
            {
                return [.. _lines];
            }
        }
    }

    public override void Information(string message) => Add(message);

    public override void Warning(string message) => Add(message);

    public override void Error(string message, Exception? exception = null) => Add(exception is null ? message : $"{message} {exception}");

    private void Add(string line)
    {
        lock (_lines)
        {
            _lines.Add(line);
        }
    }
}
