using Microsoft.Win32.SafeHandles;

namespace Kaleidofs;

/// <summary>
/// What keeping files on this machine safely takes beyond .NET's own calls. Each call may wait for a disk: they belong
/// into <see cref="FileReader.RunAsync"/>.
/// </summary>
public abstract class FileWriter
{
    /// <summary>Returns when the names in a directory are on the disk (fsync(2) of a directory).</summary>
    /// <exception cref="IOException">That failed.</exception>
    public abstract void SyncDirectory(string path);

    /// <summary>Returns when all that was written to the filesystem that a path is on is on its disk (syncfs(2)).</summary>
    /// <exception cref="IOException">That failed, or an earlier write did.</exception>
    public abstract void SyncFileSystem(string path);

    /// <summary>The next data or hole of a file at or after an offset (lseek(2)).</summary>
    public abstract Result<long> Seek(SafeFileHandle file, long offset, SeekKind kind);

    /// <summary>Reserves or punches space; <paramref name="mode"/> is FALLOC_FL_* (fallocate(2)).</summary>
    public abstract Errno Allocate(SafeFileHandle file, uint mode, long offset, long length);

    /// <summary>Copies a range of one file into another, sharing the disk's blocks where the filesystem can (copy_file_range(2)).</summary>
    /// <exception cref="IOException">That failed, or the source is shorter.</exception>
    public abstract void CopyRange(SafeFileHandle from, long position, long length, SafeFileHandle to, long toPosition);

    /// <summary>Gives a file the owner and the permissions of another; the owner only as far as this process may.</summary>
    public abstract Errno CopyOwner(SafeFileHandle from, SafeFileHandle to);
}
