using System.Diagnostics;
using Kaleidofs.Diagnostics;
using Kaleidofs.Protocol;

namespace Kaleidofs.Tests.Support.VhostUser;

/// <summary>Keeps rings full: a thread a ring asks for what stands in the slots, takes the answers, and asks again. It minds neither silence nor the end.</summary>
internal sealed unsafe class RingLoad : IDisposable
{
    private const int Precision = 5;
    private const int WaitMilliseconds = 50;

    private readonly byte[][] _bodies;
    private readonly List<Thread> _threads = [];
    private readonly List<LatencyHistogram> _latencies = [];
    private volatile bool _isStopped;
    private volatile bool _isCounting;
    private long _answers;
    private long _counted;
    private long _failures;

    /// <summary>Asks for the same inode all the time, with one body after the other.</summary>
    public RingLoad(IEnumerable<DriverRing> rings, Opcode opcode, ulong inode, int replyRoom, params byte[][] bodies)
    {
        _bodies = bodies;
        foreach (DriverRing ring in rings)
        {
            for (int slot = 0; slot < ring.Slots; slot++)
            {
                FuseClient.Prepare(ring, slot, opcode, inode, bodies[slot % bodies.Length], replyRoom, (ulong)slot + 10);
            }
            LatencyHistogram latencies = new(Precision);
            Thread thread = new(() => Run(ring, latencies)) { IsBackground = true, Name = "front end" };
            _latencies.Add(latencies);
            _threads.Add(thread);
            thread.Start();
        }
    }

    /// <summary>Answers so far.</summary>
    public long Answers => Interlocked.Read(ref _answers);

    /// <summary>Answers between the two.</summary>
    public long Counted => Interlocked.Read(ref _counted);

    /// <summary>Answers that were errors.</summary>
    public long Failures => Interlocked.Read(ref _failures);

    public void StartCounting() => _isCounting = true;

    public void StopCounting() => _isCounting = false;

    /// <summary>How long the counted ones took at most, but for the slowest of them; in milliseconds. Known when the load has ended.</summary>
    public double Percentile(double fraction)
    {
        LatencyHistogram all = new(Precision);
        _latencies.ForEach(all.Add);
        return all.Percentile(fraction) / 1e6;
    }

    public void Dispose()
    {
        _isStopped = true;
        _threads.ForEach(thread => thread.Join());
    }

    private void Run(DriverRing ring, LatencyHistogram latencies)
    {
        long[] asked = new long[ring.Slots];
        Array.Fill(asked, Stopwatch.GetTimestamp());
        for (int slot = 0; slot < ring.Slots; slot++)
        {
            ring.Submit(slot);
        }
        uint turn = 1;
        while (!_isStopped)
        {
            ring.Publish();
            if (!ring.Wait(WaitMilliseconds))
            {
                continue;
            }
            long now = Stopwatch.GetTimestamp();
            int answers = 0;
            int failures = 0;
            while (ring.TryReap(out int slot, out _))
            {
                answers++;
                failures += ((OutHeader*)ring.Reply(slot))->Error == 0 ? 0 : 1;
                if (_isCounting)
                {
                    latencies.Add((long)Stopwatch.GetElapsedTime(asked[slot], now).TotalNanoseconds);
                }
                asked[slot] = now;
                _bodies[turn++ % (uint)_bodies.Length].CopyTo(new Span<byte>(ring.Request(slot) + DriverRing.RequestHeader, DriverRing.MaxBody));
                ring.Submit(slot);
            }
            Interlocked.Add(ref _answers, answers);
            Interlocked.Add(ref _failures, failures);
            if (_isCounting)
            {
                Interlocked.Add(ref _counted, answers);
            }
        }
    }
}
