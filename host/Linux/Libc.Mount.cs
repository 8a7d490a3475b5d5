using System.Runtime.InteropServices;

namespace Kaleidofs.Host.Linux;

/// <summary>mount(2), umount2(2) and what a mountpoint is checked with.</summary>
internal static unsafe partial class Libc
{
    /// <summary>MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC of sys/mount.h.</summary>
    [Flags]
    internal enum MountFlags : ulong
    {
        None = 0,
        ReadOnly = 1,
        NoSuid = 2,
        NoDevices = 4,
        NoExecute = 8,
    }

    /// <summary>MNT_FORCE and MNT_DETACH of sys/mount.h.</summary>
    [Flags]
    internal enum UnmountFlags
    {
        None = 0,
        /// <summary>A FUSE connection is aborted first.</summary>
        Force = 1,
        /// <summary>The name goes now, the filesystem with its last user.</summary>
        Detach = 2,
    }

    [LibraryImport(Library, EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Mount(string source, string target, string type, MountFlags flags, string data);

    [LibraryImport(Library, EntryPoint = "umount2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Unmount(string target, UnmountFlags flags);

    [LibraryImport(Library, EntryPoint = "geteuid")]
    internal static partial uint GetEffectiveUserId();

    [LibraryImport(Library, EntryPoint = "getegid")]
    internal static partial uint GetEffectiveGroupId();

    /// <summary>Whether the server of a FUSE mount is gone. The kernel caches attributes, but asks for statistics every time.</summary>
    internal static bool IsDisconnected(string path)
    {
        // struct statfs has 120 bytes on 64-bit machines; what is in it does not matter here.
        byte* statistics = stackalloc byte[256];
        return FileSystemStatus(path, statistics) < 0 && Marshal.GetLastPInvokeError() == ENOTCONN;
    }

    /// <summary>The path without symbolic links, '.' and '..'; null with the last error set if it cannot be reached.</summary>
    internal static string? RealPath(string path)
    {
        // PATH_MAX, which the kernel counts with the NUL.
        byte[] resolved = new byte[4096];
        if (RealPath(path, ref resolved[0]) == 0)
        {
            return null;
        }
        return System.Text.Encoding.UTF8.GetString(resolved, 0, Array.IndexOf(resolved, (byte)0));
    }

    [LibraryImport(Library, EntryPoint = "statfs", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int FileSystemStatus(string path, void* statistics);

    [LibraryImport(Library, EntryPoint = "realpath", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint RealPath(string path, ref byte resolved);
}
