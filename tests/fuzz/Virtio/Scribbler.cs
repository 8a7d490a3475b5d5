namespace Kaleidofs.Tests.Fuzz.Virtio;

/// <summary>A thread of the guest that rewrites memory while the device reads it: again and again one word, between what was there and something else.</summary>
internal sealed unsafe class Scribbler : IDisposable
{
    private readonly Thread _thread;
    private readonly Lock _gate = new();
    private volatile Area? _area;
    private volatile bool _isStopped;

    public Scribbler()
    {
        _thread = new Thread(Run) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>Begins with an area, of whole words.</summary>
    /// <param name="start">Its first byte.</param>
    /// <param name="other">What it holds at other times; as long as it is.</param>
    public void Begin(byte* start, byte[] other) => _area = new Area((nint)start, new ReadOnlySpan<byte>(start, other.Length).ToArray(), other);

    /// <summary>On return nothing is written any more.</summary>
    public void End()
    {
        _area = null;
        lock (_gate)
        {
        }
    }

    public void Dispose()
    {
        _isStopped = true;
        _thread.Join();
    }

    private void Run()
    {
        Xorshift random = new((ulong)Environment.TickCount64);
        while (!_isStopped)
        {
            if (_area is null)
            {
                Thread.SpinWait(20);
                continue;
            }
            lock (_gate)
            {
                if (_area is { } area && area.Other.Length >= 8)
                {
                    for (int i = 0; i < 20; i++)
                    {
                        int word = random.Below(area.Other.Length / 8) * 8;
                        byte[] source = random.OneIn(2) ? area.Before : area.Other;
                        Volatile.Write(ref *(ulong*)(area.Start + word), BitConverter.ToUInt64(source, word));
                    }
                }
            }
        }
    }

    private sealed record Area(nint Start, byte[] Before, byte[] Other);
}
