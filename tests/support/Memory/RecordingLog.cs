using System.Collections.Concurrent;

namespace Kaleidofs.Tests.Support.Memory;

/// <summary>Keeps what was logged.</summary>
internal sealed class RecordingLog : DriverLog
{
    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyCollection<string> Lines => _lines;

    /// <summary>Takes what there is, so that it does not add up.</summary>
    public List<string> Take()
    {
        List<string> lines = [];
        while (_lines.TryDequeue(out string? line))
        {
            lines.Add(line);
        }
        return lines;
    }

    public override void Information(string message) => _lines.Enqueue("information: " + message);

    public override void Warning(string message) => _lines.Enqueue("warning: " + message);

    public override void Error(string message, Exception? exception = null) => _lines.Enqueue("error: " + message);
}
