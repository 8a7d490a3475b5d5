using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Kaleidofs.Host.Linux;

internal static unsafe partial class Libc
{
    /// <summary>Fail with EAGAIN rather than wait (linux/fs.h).</summary>
    public const int RWF_NOWAIT = 8;

    [LibraryImport(Library, EntryPoint = "preadv2", SetLastError = true)]
    public static partial nint ReadAt(SafeFileHandle file, IoVector* vectors, int count, long offset, int flags);

    private const int O_RDONLY = 0;
    private static readonly int O_DIRECTORY = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x4000 : 0x10000;

    [LibraryImport(Library, EntryPoint = "fsync", SetLastError = true)]
    public static partial int SyncFile(SafeFileHandle file);

    [LibraryImport(Library, EntryPoint = "syncfs", SetLastError = true)]
    public static partial int SyncFileSystem(SafeFileHandle file);

    [LibraryImport(Library, EntryPoint = "lseek", SetLastError = true)]
    public static partial long SeekFile(SafeFileHandle file, long offset, int whence);

    [LibraryImport(Library, EntryPoint = "fallocate", SetLastError = true)]
    public static partial int AllocateFile(SafeFileHandle file, int mode, long offset, long length);

    /// <summary>A directory, to make its names safe.</summary>
    public static int OpenDirectory(string path) => Open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    [LibraryImport(Library, EntryPoint = "fchmod", SetLastError = true)]
    public static partial int ChangeMode(int fd, uint mode);

    [LibraryImport(Library, EntryPoint = "chmod", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int ChangeMode(string path, uint mode);

    [LibraryImport(Library, EntryPoint = "lchown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int ChangeOwner(string path, uint user, uint group);

    [LibraryImport(Library, EntryPoint = "fchown", SetLastError = true)]
    public static partial int ChangeOwner(SafeFileHandle file, uint user, uint group);

    [LibraryImport(Library, EntryPoint = "copy_file_range", SetLastError = true)]
    public static partial nint CopyRange(SafeFileHandle from, ref long position, SafeFileHandle to, ref long toPosition, nuint length, uint flags);

    [LibraryImport(Library, EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int GetStatus(SafeFileHandle directory, string path, int flags, uint mask, byte* status);

    /// <summary>An open file's owner and permissions (struct statx: the same on every architecture).</summary>
    public static bool TryGetOwner(SafeFileHandle file, out uint user, out uint group, out uint mode)
    {
        const int AtEmptyPath = 0x1000;
        const uint TypeModeOwner = 1 | 2 | 8 | 16;
        byte* status = stackalloc byte[256];
        bool isKnown = GetStatus(file, "", AtEmptyPath, TypeModeOwner, status) == 0;
        user = isKnown ? *(uint*)(status + 20) : 0;
        group = isKnown ? *(uint*)(status + 24) : 0;
        mode = isKnown ? *(ushort*)(status + 28) & 0xFFFu : 0;
        return isKnown;
    }

    [LibraryImport(Library, EntryPoint = "getgrnam", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial GroupEntry* GetGroupByName(string name);

    /// <summary>What tells an open file from another; nothing if the kernel does not say.</summary>
    public static FileIdentity GetIdentity(SafeFileHandle file)
    {
        bool isHeld = false;
        try
        {
            file.DangerousAddRef(ref isHeld);
            return Status((int)file.DangerousGetHandle()) is { } status
                ? new FileIdentity(status.Inode, new Timestamp(status.ChangeSeconds, status.ChangeNanoseconds), status.UserId == GetEffectiveUserId())
                : default;
        }
        finally
        {
            if (isHeld)
            {
                file.DangerousRelease();
            }
        }
    }

    /// <summary>A group's number, by name or as a number; null if there is none of that name.</summary>
    public static uint? FindGroup(string group)
    {
        if (uint.TryParse(group, NumberStyles.None, CultureInfo.InvariantCulture, out uint number))
        {
            return number;
        }
        GroupEntry* entry = GetGroupByName(group);
        return entry is null ? null : entry->GroupId;
    }

    /// <summary>struct group (grp.h).</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct GroupEntry
    {
        public byte* Name;
        public byte* Password;
        public uint GroupId;
        public byte** Members;
    }
}
