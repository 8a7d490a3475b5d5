using Kaleidofs.Host.Linux;
using Kaleidofs.Tests.Support.VhostUser;

namespace Kaleidofs.Tests.Bench.DataPlane;

/// <summary>Keeps the calling thread, and the threads and processes that it starts, on one CPU.</summary>
internal static unsafe class Affinity
{
    public static void Pin(int cpu)
    {
        ulong* mask = stackalloc ulong[16];
        new Span<ulong>(mask, 16).Clear();
        mask[cpu / 64] = 1ul << (cpu % 64);
        if (FrontEndLibc.SetAffinity(0, 16 * sizeof(ulong), mask) != 0)
        {
            throw new IOException($"CPU {cpu}: {Libc.LastError()}");
        }
    }
}
