using System.Collections.Concurrent;

namespace Kaleidofs.Tests.Unit.Archive;

/// <summary>Keeps what a driver says.</summary>
internal sealed class RecordingLog : DriverLog
{
    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyCollection<string> Lines => _lines;

    public override void Information(string message) => _lines.Enqueue(message);

    public override void Warning(string message) => _lines.Enqueue(message);

    public override void Error(string message, Exception? exception = null) => _lines.Enqueue(message);
}
