using System.Runtime.InteropServices;

namespace Kaleidofs.Tests.Bench.Mounts;

/// <summary>The system calls whose requests reach a filesystem in spite of the kernel's caches.</summary>
internal static unsafe partial class MountLibc
{
    public const int O_DIRECT = 0x4000;
    public const int AT_STATX_FORCE_SYNC = 0x2000;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int fd);

    [LibraryImport("libc", EntryPoint = "pread")]
    public static partial nint Read(int fd, void* buffer, nuint count, long offset);

    [LibraryImport("libc", EntryPoint = "statx")]
    public static partial int Statx(int directory, byte* path, int flags, uint mask, void* status);

    [LibraryImport("libc", EntryPoint = "faccessat")]
    public static partial int Access(int directory, byte* path, int mode, int flags);
}
