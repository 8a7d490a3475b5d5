using System.Runtime.InteropServices;

namespace Kaleidofs.Host.Linux;

internal static unsafe partial class Libc
{
    /// <summary>Words of a CPU mask: more CPUs than any kernel is built for.</summary>
    private const int AffinityWords = 128;

    private const int AffinitySize = AffinityWords * sizeof(ulong);

    [LibraryImport(Library, EntryPoint = "sched_getaffinity", SetLastError = true)]
    private static partial int GetAffinity(int thread, nuint size, ulong* mask);

    [LibraryImport(Library, EntryPoint = "sched_setaffinity", SetLastError = true)]
    private static partial int SetAffinity(int thread, nuint size, ulong* mask);

    /// <summary>Keeps the calling thread on those of the CPUs that it may use now; false, and nothing changed, if that is none.</summary>
    public static bool TryPinThread(ReadOnlySpan<int> cpus)
    {
        ulong* allowed = stackalloc ulong[AffinityWords];
        ulong* wanted = stackalloc ulong[AffinityWords];
        new Span<ulong>(wanted, AffinityWords).Clear();
        if (GetAffinity(0, AffinitySize, allowed) < 0)
        {
            return false;
        }
        bool any = false;
        foreach (int cpu in cpus)
        {
            ulong bit = cpu / 64 < AffinityWords ? allowed[cpu / 64] & (1ul << (cpu % 64)) : 0;
            any |= bit != 0;
            if (bit != 0)
            {
                wanted[cpu / 64] |= bit;
            }
        }
        return any && SetAffinity(0, AffinitySize, wanted) == 0;
    }
}
