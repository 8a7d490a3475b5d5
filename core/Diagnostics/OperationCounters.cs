using System.Runtime.CompilerServices;
using Kaleidofs.Protocol;

namespace Kaleidofs.Diagnostics;

/// <summary>Operations, bytes, errors and durations by opcode. One writer at a time; any thread may read meanwhile.</summary>
/// <remarks>
/// Counting is a few plain additions in one cache line, because it happens millions of times a second. Taking the time
/// costs ten times that: the first operations of an opcode are all timed, and then one in 256 on average, at random
/// distances so that no pattern of requests hides from it. Such a duration stands for all operations since the last.
/// </remarks>
internal class OperationCounters
{
    /// <summary>Opcodes of the protocol, and 0 for what is none.</summary>
    public const int Opcodes = (int)Opcode.CopyFileRange64 + 1;

    /// <summary>The highest error number of Linux (EHWPOISON); what a driver returns beyond is counted as 0.</summary>
    private const int MaxErrno = 133;

    /// <summary>So many are all timed: what is rare should be known exactly.</summary>
    private const int TimedFirst = 64;

    /// <summary>Distances are uniform from 1 to twice this, less 1.</summary>
    private const int MeanDistanceBits = 8;

    // In the object itself: each array between would be one more load to wait for. One element more at both ends:
    // other threads' data may lie beside the object, but not in these cache lines.
    private OpcodeTable _opcodes;
    private readonly LatencyHistogram?[] _latencies = new LatencyHistogram?[Opcodes];
    private readonly bool _timesAll;
    private readonly long[]?[] _errors = new long[]?[MaxErrno + 1];
    private uint _random = 1;

    /// <param name="timesAll">Whether every operation is timed.</param>
    public OperationCounters(bool timesAll) => _timesAll = timesAll;

    /// <summary>Whether the next operation of this opcode is to be timed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsTimed(Opcode opcode)
    {
        ref OpcodeCounters counters = ref Of(opcode);
        return counters.Operations >= counters.NextTimed;
    }

    /// <summary>Counts an operation that succeeded.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Count(Opcode opcode, int sent, int received)
    {
        ref OpcodeCounters counters = ref Of(opcode);
        counters.Operations++;
        counters.Sent += sent;
        counters.Received += received;
    }

    /// <summary>Counts one that failed.</summary>
    public void CountError(Opcode opcode, Errno errno)
    {
        Of(opcode).Operations++;
        int index = (uint)errno <= MaxErrno ? (int)errno : 0;
        (_errors[index] ??= new long[Opcodes])[IndexOf(opcode)]++;
    }

    /// <summary>Notes how long the operation took that was counted last.</summary>
    public void Time(Opcode opcode, long nanoseconds)
    {
        ref OpcodeCounters counters = ref Of(opcode);
        (_latencies[IndexOf(opcode)] ??= new LatencyHistogram()).Add(nanoseconds, counters.Operations - counters.Timed);
        counters.Timed = counters.Operations;
        counters.NextTimed = _timesAll ? 0 : counters.Operations + NextDistance(counters.Operations);
    }

    /// <summary>Adds all that was counted of one opcode to a total.</summary>
    public void AddTo(OperationTotal total)
    {
        ref OpcodeCounters counters = ref Of(total.Opcode);
        total.Operations += Volatile.Read(ref counters.Operations);
        total.Sent += Volatile.Read(ref counters.Sent);
        total.Received += Volatile.Read(ref counters.Received);
        int index = IndexOf(total.Opcode);
        if (Volatile.Read(ref _latencies[index]) is { } latency)
        {
            total.Latency.Add(latency);
        }
        for (int errno = 0; errno < _errors.Length; errno++)
        {
            if (Volatile.Read(ref _errors[errno]) is { } counts && Volatile.Read(ref counts[index]) is > 0 and var count)
            {
                total.Errors[(Errno)errno] = total.Errors.GetValueOrDefault((Errno)errno) + count;
            }
        }
    }

    /// <summary>How many operations of this opcode were counted.</summary>
    public long Operations(Opcode opcode) => Volatile.Read(ref Of(opcode).Operations);

    // The number is the guest's: any.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int IndexOf(Opcode opcode) => (uint)opcode < Opcodes ? (int)opcode : 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref OpcodeCounters Of(Opcode opcode) => ref _opcodes[IndexOf(opcode) + 1];

    private long NextDistance(long operations)
    {
        if (operations < TimedFirst)
        {
            return 0;
        }
        // A linear congruence (Knuth's MMIX would do too): its high bits are random enough to break step.
        _random = (_random * 1664525) + 1013904223;
        return _random >> (32 - MeanDistanceBits - 1);
    }

    [InlineArray(Opcodes + 2)]
    private struct OpcodeTable
    {
        private OpcodeCounters _first;
    }
}
