using Kaleidofs.Host.Linux;
using Kaleidofs.Tests.Support.VhostUser;

namespace Kaleidofs.Tests.Bench.DataPlane;

/// <summary>The time that a process spent on CPUs, threads that have ended too, to the nanosecond.</summary>
internal static unsafe class CpuTime
{
    /// <summary>CPUCLOCK_SCHED of a process, as linux/posix-timers.h makes a clock's number of it.</summary>
    private const int ScheduledTime = 2;

    /// <summary>CLOCK_THREAD_CPUTIME_ID.</summary>
    private const int ThreadClock = 3;

    public static TimeSpan Of(int processId) => Read((~processId << 3) | ScheduledTime);

    /// <summary>That of the calling thread alone.</summary>
    public static TimeSpan OfThread() => Read(ThreadClock);

    private static TimeSpan Read(int clock)
    {
        long* time = stackalloc long[2];
        return FrontEndLibc.GetClock(clock, time) == 0
            ? TimeSpan.FromSeconds(time[0]) + TimeSpan.FromTicks(time[1] / 100)
            : throw new IOException($"CPU clock {clock}: {Libc.LastError()}");
    }
}
