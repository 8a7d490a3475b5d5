using System.Diagnostics;
using System.Runtime.CompilerServices;
using Kaleidofs.Engine;
using Kaleidofs.Protocol;

namespace Kaleidofs.Diagnostics;

/// <summary>What one queue (or one channel of /dev/fuse) counts. Only the thread that dispatches its requests writes, except where a method says otherwise.</summary>
internal sealed class QueueCounters : OperationCounters
{
    private readonly OperationCounters _later = new(timesAll: true);
    private readonly Lock _laterLock = new();
    private readonly OperationTrace? _trace;
    private long _began;
    private long _batches;
    private long _sleeps;
    private long _signals;

    public QueueCounters(int queue, OperationTrace? trace = null) : base(timesAll: trace is not null)
    {
        Queue = queue;
        _trace = trace;
    }

    /// <summary>The queue's number.</summary>
    public int Queue { get; }

    /// <summary>Whether the queue is served now.</summary>
    public bool IsOpen { get; set; } = true;

    /// <summary>Requests were found and dispatched, one or more in a row.</summary>
    public void CountBatch() => _batches++;

    /// <summary>There was nothing to do, and the thread slept.</summary>
    public void CountSleep() => _sleeps++;

    /// <summary>The other side was signalled.</summary>
    public void CountSignal() => _signals++;

    /// <summary>A request must wait for its source.</summary>
    public void BeginWaiting() => _began++;

    /// <summary>Counts a request that is answered at once. Called before its reply is handed over.</summary>
    /// <param name="request">The request.</param>
    /// <param name="start">When it came; 0 if its time is not taken.</param>
    /// <param name="sent">Payload of the reply.</param>
    /// <param name="errno">Its outcome.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Count(FuseRequest request, long start, int sent, Errno errno)
    {
        if (errno == Errno.None)
        {
            Count(request.Header.Opcode, sent, request.ReceivedPayload);
        }
        else
        {
            CountError(request.Header.Opcode, errno);
        }
        if (start != 0)
        {
            Time(this, request, start, sent, errno);
        }
    }

    /// <summary>Counts a request that had to wait. Called on any thread, before its reply is handed over.</summary>
    public void CountLater(FuseRequest request, long start, int sent, Errno errno)
    {
        lock (_laterLock)
        {
            if (errno == Errno.None)
            {
                _later.Count(request.Header.Opcode, sent, request.ReceivedPayload);
            }
            else
            {
                _later.CountError(request.Header.Opcode, errno);
            }
            Time(_later, request, start, sent, errno);
        }
    }

    /// <summary>How many operations of this opcode were counted. Any thread.</summary>
    public long AllOperations(Opcode opcode) => Operations(opcode) + _later.Operations(opcode);

    /// <summary>Adds what was counted of one opcode. Any thread.</summary>
    public void AddAllTo(OperationTotal total)
    {
        AddTo(total);
        lock (_laterLock)
        {
            _later.AddTo(total);
            total.Waited += _later.Operations(total.Opcode);
        }
    }

    /// <summary>Adds how the queue does to the totals of its number. Any thread.</summary>
    public void AddTo(QueueTotal total)
    {
        long atOnce = 0;
        long ended = 0;
        for (Opcode opcode = 0; (int)opcode < OperationCounters.Opcodes; opcode++)
        {
            atOnce += Operations(opcode);
            ended += _later.Operations(opcode);
        }
        total.Operations += atOnce + ended;
        total.Outstanding += Math.Max(0, Volatile.Read(ref _began) - ended);
        total.Batches += Volatile.Read(ref _batches);
        total.Sleeps += Volatile.Read(ref _sleeps);
        total.Signals += Volatile.Read(ref _signals);
        total.IsOpen |= IsOpen;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Time(OperationCounters counters, FuseRequest request, long start, int sent, Errno errno)
    {
        // A tick is a nanosecond: on Linux Stopwatch is CLOCK_MONOTONIC.
        long nanoseconds = Stopwatch.GetTimestamp() - start;
        counters.Time(request.Header.Opcode, nanoseconds);
        _trace?.Write(Queue, request, nanoseconds, sent, errno);
    }
}
