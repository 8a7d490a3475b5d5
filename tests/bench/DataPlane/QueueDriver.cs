using System.Diagnostics;
using Kaleidofs.Diagnostics;
using Kaleidofs.Protocol;
using Kaleidofs.Tests.Support.VhostUser;

namespace Kaleidofs.Tests.Bench.DataPlane;

/// <summary>Keeps one ring full: what is answered is asked again. It allocates nothing, and sleeps when there is no answer.</summary>
internal sealed unsafe class QueueDriver
{
    /// <summary>Latencies are known to 1/32 of their size.</summary>
    public const int LatencyPrecision = 5;

    private readonly DriverRing _ring;
    private readonly Workload _workload;
    private readonly ulong[] _files;
    private readonly long[] _started;
    private int _file;
    private ulong _offset;
    private long _countFrom = long.MaxValue;
    private long _countUntil = long.MaxValue;
    private bool _isStopping;

    /// <param name="ring">The ring.</param>
    /// <param name="workload">What to ask, prepared in the ring's slots.</param>
    /// <param name="files">The files to read, one after the other.</param>
    /// <param name="first">Which of them to begin with.</param>
    public QueueDriver(DriverRing ring, Workload workload, ulong[] files, int first)
    {
        _ring = ring;
        _workload = workload;
        _files = files;
        _file = first;
        _started = new long[ring.Slots];
    }

    public LatencyHistogram Latencies { get; } = new(LatencyPrecision);

    public long Operations { get; private set; }

    /// <summary>Answers that were errors, or shorter than a header.</summary>
    public long Failures { get; private set; }

    /// <summary>What the last of them said.</summary>
    public Errno LastError { get; private set; }

    /// <summary>Counts what is asked from now on.</summary>
    public void StartCounting() => Volatile.Write(ref _countFrom, Stopwatch.GetTimestamp());

    /// <summary>Counts no more of what is answered.</summary>
    public void StopCounting() => Volatile.Write(ref _countUntil, Stopwatch.GetTimestamp());

    /// <summary>Ends <see cref="Run"/>, once everything is answered.</summary>
    public void Stop() => Volatile.Write(ref _isStopping, true);

    public void Run()
    {
        long now = Stopwatch.GetTimestamp();
        for (int slot = 0; slot < _ring.Slots; slot++)
        {
            Start(slot, now);
        }
        while (!Volatile.Read(ref _isStopping))
        {
            _ring.Publish();
            _ring.WaitForAnswer();
            now = Stopwatch.GetTimestamp();
            while (_ring.TryReap(out int slot, out int length))
            {
                Count(slot, length, now);
                Start(slot, now);
            }
        }
        _ring.Publish();
        for (int left = _ring.Slots; left > 0;)
        {
            _ring.WaitForAnswer();
            while (_ring.TryReap(out _, out _))
            {
                left--;
            }
        }
    }

    private void Start(int slot, long now)
    {
        if (_workload.Opcode == Opcode.Read)
        {
            ((InHeader*)_ring.Request(slot))->NodeId = _files[_file];
            ((ReadIn*)(_ring.Request(slot) + DriverRing.RequestHeader))->Offset = _offset;
            _offset += (uint)_workload.Payload;
            if (_offset >= _workload.FileSize)
            {
                _offset = 0;
                _file = (_file + 1) % _files.Length;
            }
        }
        _started[slot] = now;
        _ring.Submit(slot);
    }

    private void Count(int slot, int length, long now)
    {
        if (length <= sizeof(OutHeader) || ((OutHeader*)_ring.Reply(slot))->Error != 0)
        {
            Failures++;
            LastError = (Errno)(-((OutHeader*)_ring.Reply(slot))->Error);
        }
        if (_started[slot] >= Volatile.Read(ref _countFrom) && now < Volatile.Read(ref _countUntil))
        {
            Latencies.Add(now - _started[slot]);
            Operations++;
        }
    }
}
