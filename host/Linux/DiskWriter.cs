using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Kaleidofs.Host.Linux;

/// <summary>The system calls behind <see cref="FileWriter"/>.</summary>
internal sealed class DiskWriter : FileWriter
{
    /// <inheritdoc/>
    public override void SyncDirectory(string path) => Sync(path, Libc.SyncFile);

    /// <inheritdoc/>
    public override void SyncFileSystem(string path) => Sync(path, Libc.SyncFileSystem);

    /// <inheritdoc/>
    public override Result<long> Seek(SafeFileHandle file, long offset, SeekKind kind)
    {
        long found = Libc.SeekFile(file, offset, (int)kind);
        return found >= 0 ? found : (Errno)Marshal.GetLastPInvokeError();
    }

    /// <inheritdoc/>
    public override Errno Allocate(SafeFileHandle file, uint mode, long offset, long length)
        => Libc.AllocateFile(file, (int)mode, offset, length) == 0 ? Errno.None : (Errno)Marshal.GetLastPInvokeError();

    /// <inheritdoc/>
    public override void CopyRange(SafeFileHandle from, long position, long length, SafeFileHandle to, long toPosition)
    {
        const int Piece = 1 << 30;
        while (length > 0)
        {
            nint copied = Libc.CopyRange(from, ref position, to, ref toPosition, (nuint)Math.Min(length, Piece), 0);
            if (copied <= 0)
            {
                // Not between these filesystems, or not on this kernel: by hand.
                CopyByHand(from, position, length, to, toPosition);
                return;
            }
            length -= copied;
        }
    }

    /// <inheritdoc/>
    public override Errno CopyOwner(SafeFileHandle from, SafeFileHandle to)
    {
        if (!Libc.TryGetOwner(from, out uint user, out uint group, out uint mode))
        {
            return (Errno)Marshal.GetLastPInvokeError();
        }
        // Before the mode, which a change of owner may take bits from. Without the privilege at least the group, if it may.
        if (Libc.ChangeOwner(to, user, group) < 0)
        {
            _ = Libc.ChangeOwner(to, uint.MaxValue, group);
        }
        return Libc.ChangeMode((int)to.DangerousGetHandle(), mode) == 0 ? Errno.None : (Errno)Marshal.GetLastPInvokeError();
    }

    private static void Sync(string path, Func<SafeFileHandle, int> sync)
    {
        int directory = Libc.OpenDirectory(path);
        if (directory < 0)
        {
            throw Failure(path);
        }
        using SafeFileHandle handle = new(directory, ownsHandle: true);
        if (sync(handle) < 0)
        {
            throw Failure(path);
        }
    }

    private static void CopyByHand(SafeFileHandle from, long position, long length, SafeFileHandle to, long toPosition)
    {
        byte[] buffer = new byte[1 << 20];
        while (length > 0)
        {
            int count = RandomAccess.Read(from, buffer.AsSpan(0, (int)Math.Min(buffer.Length, length)), position);
            if (count == 0)
            {
                throw new IOException($"it ends at byte {position}, before its time");
            }
            RandomAccess.Write(to, buffer.AsSpan(0, count), toPosition);
            position += count;
            toPosition += count;
            length -= count;
        }
    }

    private static IOException Failure(string path)
    {
        int error = Marshal.GetLastPInvokeError();
        return new IOException($"{path}: {Marshal.GetPInvokeErrorMessage(error)}", error);
    }
}
