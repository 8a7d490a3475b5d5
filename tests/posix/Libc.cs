using System.Runtime.InteropServices;
using System.Text;

namespace Kaleidofs.Tests.Posix;

/// <summary>
/// The calls that the cases make, as syscall(2): nothing of a C library stands between a case and the
/// kernel. Results are the call's, or the negated errno. Paths are strings of one character per byte.
/// </summary>
internal static unsafe partial class Libc
{
    public const int O_RDONLY = 0, O_WRONLY = 1, O_RDWR = 2, O_CREAT = 0x40, O_EXCL = 0x80, O_TRUNC = 0x200, O_APPEND = 0x400;
    public const int O_DIRECT = 0x4000, O_DIRECTORY = 0x10000, O_NOFOLLOW = 0x20000, O_CLOEXEC = 0x80000, O_PATH = 0x200000;
    public const int O_TMPFILE = 0x400000 | O_DIRECTORY;
    public const int AT_FDCWD = -100, AT_SYMLINK_NOFOLLOW = 0x100, AT_REMOVEDIR = 0x200, AT_EMPTY_PATH = 0x1000;
    public const int AT_STATX_FORCE_SYNC = 0x2000, AT_STATX_DONT_SYNC = 0x4000;
    public const int SEEK_SET = 0, SEEK_CUR = 1, SEEK_END = 2, SEEK_DATA = 3, SEEK_HOLE = 4;
    public const int F_OK = 0, X_OK = 1, W_OK = 2, R_OK = 4;
    public const int PROT_READ = 1, PROT_WRITE = 2, MAP_SHARED = 1, MAP_PRIVATE = 2;
    public const int RENAME_NOREPLACE = 1, RENAME_EXCHANGE = 2;

    public static int Open(string path, int flags, int mode = 0) => OpenAt(AT_FDCWD, path, flags, mode);

    public static int OpenAt(int folder, string path, int flags, int mode = 0)
    {
        fixed (byte* p = Z(path))
            return (int)Call(257, folder, (nint)p, flags | O_CLOEXEC, mode);
    }

    public static long Close(int file) => Call(3, file);

    public static long Read(int file, Span<byte> buffer)
    {
        fixed (byte* b = buffer)
            return Call(0, file, (nint)b, buffer.Length);
    }

    public static long ReadAt(int file, Span<byte> buffer, long offset)
    {
        fixed (byte* b = buffer)
            return Call(17, file, (nint)b, buffer.Length, (nint)offset);
    }

    public static long WriteAt(int file, ReadOnlySpan<byte> buffer, long offset)
    {
        fixed (byte* b = buffer)
            return Call(18, file, (nint)b, buffer.Length, (nint)offset);
    }

    /// <summary>preadv(2) with buffers of the given sizes out of one.</summary>
    public static long ReadVector(int file, Span<byte> buffer, long offset, params ReadOnlySpan<int> sizes)
    {
        nint* vector = stackalloc nint[sizes.Length * 2];
        fixed (byte* b = buffer)
        {
            nint at = (nint)b;
            for (int i = 0; i < sizes.Length; i++)
            {
                vector[2 * i] = at;
                vector[2 * i + 1] = sizes[i];
                at += sizes[i];
            }
            return Call(295, file, (nint)vector, sizes.Length, (nint)offset, 0);
        }
    }

    public static long Seek(int file, long offset, int whence) => Call(8, file, (nint)offset, whence);

    /// <summary>newfstatat(2).</summary>
    public static long Stat(string path, out StatBuffer buffer, int flags = 0, int folder = AT_FDCWD)
    {
        fixed (byte* p = Z(path))
        fixed (StatBuffer* s = &buffer)
            return Call(262, folder, (nint)p, (nint)s, flags);
    }

    public static long StatFile(int file, out StatBuffer buffer) => Stat("", out buffer, AT_EMPTY_PATH, file);

    public static long Statx(string path, int flags, uint mask, out StatxBuffer buffer)
    {
        fixed (byte* p = Z(path))
        fixed (StatxBuffer* s = &buffer)
            return Call(332, AT_FDCWD, (nint)p, flags, (nint)mask, (nint)s);
    }

    public static long StatFs(string path, out StatFsBuffer buffer)
    {
        fixed (byte* p = Z(path))
        fixed (StatFsBuffer* s = &buffer)
            return Call(137, (nint)p, (nint)s);
    }

    public static long ReadLink(string path, Span<byte> buffer)
    {
        fixed (byte* p = Z(path), b = buffer)
            return Call(267, AT_FDCWD, (nint)p, (nint)b, buffer.Length);
    }

    public static long Access(string path, int mode)
    {
        fixed (byte* p = Z(path))
            return Call(21, (nint)p, mode);
    }

    /// <summary>getdents64(2).</summary>
    public static long ReadDirectory(int file, Span<byte> buffer)
    {
        fixed (byte* b = buffer)
            return Call(217, file, (nint)b, buffer.Length);
    }

    public static long GetXattr(string path, string name, Span<byte> buffer)
    {
        fixed (byte* p = Z(path), n = Z(name), b = buffer)
            return Call(192, (nint)p, (nint)n, (nint)b, buffer.Length);
    }

    public static long ListXattr(string path, Span<byte> buffer)
    {
        fixed (byte* p = Z(path), b = buffer)
            return Call(195, (nint)p, (nint)b, buffer.Length);
    }

    public static long SetXattr(string path, string name, ReadOnlySpan<byte> value)
    {
        fixed (byte* p = Z(path), n = Z(name), v = value)
            return Call(189, (nint)p, (nint)n, (nint)v, value.Length, 0);
    }

    public static long RemoveXattr(string path, string name)
    {
        fixed (byte* p = Z(path), n = Z(name))
            return Call(198, (nint)p, (nint)n);
    }

    public static long MakeDirectory(string path)
    {
        fixed (byte* p = Z(path))
            return Call(258, AT_FDCWD, (nint)p, 0x1FF);
    }

    public static long MakeNode(string path, int mode, int device)
    {
        fixed (byte* p = Z(path))
            return Call(259, AT_FDCWD, (nint)p, mode, device);
    }

    public static long Unlink(string path, int flags = 0)
    {
        fixed (byte* p = Z(path))
            return Call(263, AT_FDCWD, (nint)p, flags);
    }

    public static long Rename(string path, string to, int flags = 0)
    {
        fixed (byte* p = Z(path), t = Z(to))
            return Call(316, AT_FDCWD, (nint)p, AT_FDCWD, (nint)t, flags);
    }

    public static long Link(string path, string to)
    {
        fixed (byte* p = Z(path), t = Z(to))
            return Call(265, AT_FDCWD, (nint)p, AT_FDCWD, (nint)t, 0);
    }

    public static long SymLink(string target, string path)
    {
        fixed (byte* t = Z(target), p = Z(path))
            return Call(266, (nint)t, AT_FDCWD, (nint)p);
    }

    public static long ChangeMode(string path, int mode)
    {
        fixed (byte* p = Z(path))
            return Call(268, AT_FDCWD, (nint)p, mode);
    }

    public static long ChangeOwner(string path, int user, int group)
    {
        fixed (byte* p = Z(path))
            return Call(260, AT_FDCWD, (nint)p, user, group, AT_SYMLINK_NOFOLLOW);
    }

    public static long Truncate(string path, long size)
    {
        fixed (byte* p = Z(path))
            return Call(76, (nint)p, (nint)size);
    }

    /// <summary>utimensat(2), to now.</summary>
    public static long Touch(string path)
    {
        fixed (byte* p = Z(path))
            return Call(280, AT_FDCWD, (nint)p, 0, 0);
    }

    public static long Allocate(int file, long offset, long length) => Call(285, file, 0, (nint)offset, (nint)length);

    public static long Sync(int file) => Call(74, file);

    public static long Advise(int file, long offset, long length, int advice) => Call(221, file, (nint)offset, (nint)length, advice);

    public static long Map(long length, int protection, int flags, int file, long offset) =>
        Call(9, 0, (nint)length, protection, flags, file, (nint)offset);

    public static long Unmap(long address, long length) => Call(11, (nint)address, (nint)length);

    public static long SendFile(int to, int from, long offset, long count) => Call(40, to, from, (nint)(&offset), (nint)count);

    /// <summary>A file in memory (memfd_create).</summary>
    public static int MakeMemoryFile()
    {
        fixed (byte* name = "posix\0"u8)
            return (int)Call(319, (nint)name, 0);
    }

    public static long Ioctl(int file, uint request) => Call(16, file, (nint)request, 0);

    public static long Lock(int file, int operation) => Call(73, file, operation);

    /// <summary>poll(2) for reading, without waiting; the events that are ready.</summary>
    public static long Poll(int file)
    {
        long entry = (uint)file | (1L << 32);
        long result = Call(7, (nint)(&entry), 1, 0);
        return result < 0 ? result : entry >> 48;
    }

    public static long ChangeDirectory(int file) => Call(81, file);

    public static long CurrentDirectory(Span<byte> buffer)
    {
        fixed (byte* b = buffer)
            return Call(79, (nint)b, buffer.Length);
    }

    public static long EffectiveUser() => Call(107);

    /// <summary>Makes this one thread another user's; unlike the C library's, the kernel's call leaves the other threads alone.</summary>
    public static long BecomeUser(int user, int group)
    {
        long result = Call(116, 0, 0); // setgroups: none
        result = result < 0 ? result : Call(119, group, group, group);
        return result < 0 ? result : Call(117, user, user, user);
    }

    private static byte[] Z(string path) => [.. Encoding.Latin1.GetBytes(path), 0];

    private static long Call(int number, nint a = 0, nint b = 0, nint c = 0, nint d = 0, nint e = 0, nint f = 0)
    {
        nint result = SystemCall(number, a, b, c, d, e, f);
        return result == -1 ? -Marshal.GetLastPInvokeError() : result;
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint a, nint b, nint c, nint d, nint e, nint f);
}
