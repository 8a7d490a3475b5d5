using System.Runtime.InteropServices;

namespace Kaleidofs.Host.Linux;

/// <summary>What a process gives up of its own: prctl(2), capabilities(7), seccomp(2), and execve(2) to begin again with less.</summary>
internal static unsafe partial class Libc
{
    public const int EPERM = 1;
    public const int EACCES = 13;
    public const int ENOSYS = 38;

    private const int PR_CAPBSET_READ = 23;
    private const int PR_CAPBSET_DROP = 24;
    private const int PR_SET_NO_NEW_PRIVS = 38;
    private const int PR_GET_NO_NEW_PRIVS = 39;
    private const int PR_CAP_AMBIENT = 47;
    private const int PR_CAP_AMBIENT_RAISE = 2;
    private const int PR_CAP_AMBIENT_CLEAR_ALL = 4;

    /// <summary>_LINUX_CAPABILITY_VERSION_3 of linux/capability.h: sets of 64 bits in two halves.</summary>
    private const uint CapabilityVersion = 0x20080522;

    private const uint SECCOMP_SET_MODE_FILTER = 1;
    private const uint SECCOMP_FILTER_FLAG_TSYNC = 1;
    private const uint SECCOMP_FILTER_FLAG_SPEC_ALLOW = 4;

    private static readonly bool IsArm = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    /// <summary>The capabilities of the calling thread, a bit each.</summary>
    internal record struct CapabilitySets(ulong Effective, ulong Permitted, ulong Inheritable);

    /// <summary>Whether set-user-ID programs and the like give this thread nothing.</summary>
    public static bool HasNoNewPrivileges => ProcessControl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;

    /// <summary>For this thread, those that it starts, and what it becomes by execve(2).</summary>
    public static bool SetNoNewPrivileges() => ProcessControl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;

    public static CapabilitySets GetCapabilities()
    {
        ulong header = CapabilityVersion;
        uint* halves = stackalloc uint[6];
        new Span<uint>(halves, 6).Clear();
        _ = SystemCall(IsArm ? 90 : 125, (nint)(&header), (nint)halves, 0, 0);
        return new CapabilitySets(halves[0] | (ulong)halves[3] << 32, halves[1] | (ulong)halves[4] << 32, halves[2] | (ulong)halves[5] << 32);
    }

    public static bool SetCapabilities(CapabilitySets sets)
    {
        ulong header = CapabilityVersion;
        uint* halves = stackalloc uint[6];
        halves[0] = (uint)sets.Effective;
        halves[1] = (uint)sets.Permitted;
        halves[2] = (uint)sets.Inheritable;
        halves[3] = (uint)(sets.Effective >> 32);
        halves[4] = (uint)(sets.Permitted >> 32);
        halves[5] = (uint)(sets.Inheritable >> 32);
        return SystemCall(IsArm ? 91 : 126, (nint)(&header), (nint)halves, 0, 0) == 0;
    }

    /// <summary>Leaves only some capabilities in the bounding set, and only these in the ambient one. It may not be allowed to, and that is no matter: no-new-privs bounds as well.</summary>
    public static void LimitCapabilities(ulong kept)
    {
        for (int capability = 0; ProcessControl(PR_CAPBSET_READ, (nuint)capability, 0, 0, 0) >= 0; capability++)
        {
            if ((kept & 1ul << capability) == 0)
            {
                _ = ProcessControl(PR_CAPBSET_DROP, (nuint)capability, 0, 0, 0);
            }
        }
        _ = ProcessControl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    }

    /// <summary>Lets execve(2) keep a capability that the thread has in its permitted and inheritable sets.</summary>
    public static void RaiseAmbient(int capability) => _ = ProcessControl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, (nuint)capability, 0, 0);

    /// <summary>Whether the effective user may do something with a path (F_OK, R_OK, ... of unistd.h).</summary>
    public static bool MayAccess(string path, int mode)
    {
        const int AT_FDCWD = -100;
        const int AT_EACCESS = 0x200;
        return AccessAt(AT_FDCWD, path, mode, AT_EACCESS) == 0;
    }

    /// <summary>
    /// Installs a filter of system calls on every thread of the process (TSYNC); false with the last error set. Kernels
    /// before 5.16 would make speculation slower for every filtered process (SPEC_ALLOW: no foreign code runs in this one).
    /// </summary>
    /// <param name="program">struct sock_filter (linux/filter.h), each in 64 bits.</param>
    public static bool InstallFilter(ReadOnlySpan<ulong> program)
    {
        fixed (ulong* instructions = program)
        {
            // struct sock_fprog: a 16-bit length, and the pointer at the next multiple of 8.
            nuint* header = stackalloc nuint[2] { (nuint)program.Length, (nuint)instructions };
            return SystemCall(IsArm ? 277 : 317, (nint)SECCOMP_SET_MODE_FILTER, (nint)(SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_SPEC_ALLOW), (nint)header, 0) == 0;
        }
    }

    /// <summary>Where the loader of shared libraries lies in this process's memory; 0 for a program without one.</summary>
    public static ulong LoaderAddress
    {
        get
        {
            const nuint AT_BASE = 7;
            return AuxiliaryValue(AT_BASE);
        }
    }

    /// <summary>Becomes another program; returns only if it cannot, with the last error set.</summary>
    /// <param name="path">The program.</param>
    /// <param name="arguments">argv, and a null at the end.</param>
    /// <param name="environment">envp, and a null at the end.</param>
    [LibraryImport(Library, EntryPoint = "execve", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Execute(string path, string?[] arguments, string?[] environment);

    [LibraryImport(Library, EntryPoint = "faccessat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int AccessAt(int directory, string path, int mode, int flags);

    [LibraryImport(Library, EntryPoint = "prctl", SetLastError = true)]
    private static partial int ProcessControl(int option, nuint second, nuint third, nuint fourth, nuint fifth);

    [LibraryImport(Library, EntryPoint = "getauxval")]
    private static partial nuint AuxiliaryValue(nuint type);

    private static nint SystemCall(nint number, nint first, nint second, nint third, nint fourth)
        => SystemCall(number, first, second, third, fourth, 0, 0);
}
