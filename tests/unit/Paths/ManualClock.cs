namespace Kaleidofs.Tests.Unit.Paths;

/// <summary>A clock that stands until it is moved.</summary>
internal sealed class ManualClock : TimeProvider
{
    private long _milliseconds = 1_000_000;

    public override long TimestampFrequency => 1000;

    public override long GetTimestamp() => Interlocked.Read(ref _milliseconds);

    public void Advance(double seconds) => Interlocked.Add(ref _milliseconds, (long)(seconds * 1000));
}
