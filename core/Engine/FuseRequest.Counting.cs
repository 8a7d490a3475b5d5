using System.Diagnostics;
using System.Runtime.CompilerServices;
using Kaleidofs.Diagnostics;
using Kaleidofs.Protocol;

namespace Kaleidofs.Engine;

/// <summary>What is noted of a request before its reply is handed over.</summary>
internal abstract partial class FuseRequest
{
    /// <summary>When the request came; 0 if its time is not taken.</summary>
    private long _start;

    /// <summary>Where the thread that dispatches this request counts; null for nowhere.</summary>
    public QueueCounters? Counters { get; init; }

    /// <summary>Bytes that followed the header and the opcode's struct; of a request that <see cref="Load"/> accepted.</summary>
    public int ReceivedPayload => (int)Header.Length - PayloadOffset;

    /// <summary>Takes the time, if this request is one of those whose time is taken.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StartClock() => _start = Counters is { } counters && counters.IsTimed(Header.Opcode) ? Stopwatch.GetTimestamp() : 0;

    private void CountWaiting()
    {
        if (Counters is not { } counters)
        {
            return;
        }
        counters.BeginWaiting();
        if (_start == 0)
        {
            _start = Stopwatch.GetTimestamp();
        }
    }

    private void Count(int written, Errno errno)
    {
        if (Counters is not { } counters)
        {
            return;
        }
        int sent = Math.Max(0, written - Unsafe.SizeOf<OutHeader>());
        if (_isWaiting)
        {
            counters.CountLater(this, _start, sent, errno);
        }
        else
        {
            counters.Count(this, _start, sent, errno);
        }
    }
}
