using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Kaleidofs.Host.Linux;

/// <summary>The system calls behind <see cref="FileWriter"/>.</summary>
internal sealed class DiskWriter : FileWriter
{
    /// <inheritdoc/>
    public override void SyncDirectory(string path)
    {
        int directory = Libc.OpenDirectory(path);
        if (directory < 0)
        {
            throw Failure(path);
        }
        using SafeFileHandle handle = new(directory, ownsHandle: true);
        if (Libc.SyncFile(handle) < 0)
        {
            throw Failure(path);
        }
    }

    /// <inheritdoc/>
    public override Result<long> Seek(SafeFileHandle file, long offset, SeekKind kind)
    {
        long found = Libc.SeekFile(file, offset, (int)kind);
        return found >= 0 ? found : (Errno)Marshal.GetLastPInvokeError();
    }

    /// <inheritdoc/>
    public override Errno Allocate(SafeFileHandle file, uint mode, long offset, long length)
        => Libc.AllocateFile(file, (int)mode, offset, length) == 0 ? Errno.None : (Errno)Marshal.GetLastPInvokeError();

    private static IOException Failure(string path)
    {
        int error = Marshal.GetLastPInvokeError();
        return new IOException($"{path}: {Marshal.GetPInvokeErrorMessage(error)}", error);
    }
}
