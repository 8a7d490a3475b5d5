using Kaleidofs.Host.Serving;
using Microsoft.Extensions.Logging;

namespace Kaleidofs.Tests.Unit.Host;

public sealed class ShareLogTests
{
    [Fact]
    public void A_flood_of_lines_is_cut_and_counted()
    {
        CollectingLogger logger = new();
        SteppedTime time = new();
        ShareLog log = new(logger, time);
        for (int i = 0; i < 5000; i++)
        {
            log.Error($"line {i}");
        }
        Assert.Equal(ShareLog.MaxLines, logger.Lines.Count);
        time.Now += ShareLog.Window;
        log.Warning("another day");
        Assert.Equal([$"{5000 - ShareLog.MaxLines} lines of this share were left out", "another day"], logger.Lines.Skip(ShareLog.MaxLines));
    }

    private sealed class SteppedTime : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }

    private sealed class CollectingLogger : ILogger
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            => Lines.Add(formatter(state, exception));
    }
}
