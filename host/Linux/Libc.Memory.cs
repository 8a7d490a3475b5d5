using System.Runtime.InteropServices;

namespace Kaleidofs.Host.Linux;

internal static unsafe partial class Libc
{
    public const int PROT_READ = 1;
    public const int PROT_WRITE = 2;
    public const int MAP_SHARED = 1;
    public const int MAP_PRIVATE = 2;
    public const int MAP_FIXED = 0x10;
    public const int MAP_ANONYMOUS = 0x20;
    public const int MAP_NORESERVE = 0x4000;
    public const int MADV_DONTDUMP = 16;

    /// <summary>mmap(2) failed.</summary>
    public const nint MapFailed = -1;

    [LibraryImport(Library, EntryPoint = "mmap", SetLastError = true)]
    public static partial nint MapMemory(nint address, nuint length, int protection, int flags, int fd, long offset);

    [LibraryImport(Library, EntryPoint = "mremap", SetLastError = true)]
    private static partial nint RemapMemory(nint address, nuint oldLength, nuint newLength, int flags);

    /// <summary>Maps the pages of a shared mapping once more: an old length of 0 does that (mremap(2)).</summary>
    public static nint DuplicateMapping(nint address, nuint length)
    {
        const int MREMAP_MAYMOVE = 1;
        return RemapMemory(address, 0, length, MREMAP_MAYMOVE);
    }

    [LibraryImport(Library, EntryPoint = "munmap", SetLastError = true)]
    public static partial int UnmapMemory(nint address, nuint length);

    [LibraryImport(Library, EntryPoint = "madvise", SetLastError = true)]
    public static partial int AdviseMemory(nint address, nuint length, int advice);
}
