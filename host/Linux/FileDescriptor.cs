using System.Runtime.InteropServices;

namespace Kaleidofs.Host.Linux;

/// <summary>An open file descriptor that this process owns, closed once.</summary>
/// <remarks><see cref="Number"/> is for calls made while the owner keeps the object alive; nothing here counts uses.</remarks>
internal sealed class FileDescriptor : SafeHandle
{
    public FileDescriptor() : base(-1, ownsHandle: true)
    {
    }

    public FileDescriptor(int fd) : base(-1, ownsHandle: true) => SetHandle(fd);

    public override bool IsInvalid => handle < 0;

    /// <summary>The descriptor's number; -1 once closed.</summary>
    public int Number => IsClosed ? -1 : (int)handle;

    /// <summary>Owns what a call returned.</summary>
    /// <exception cref="IOException">The call failed; the last error says why.</exception>
    public static FileDescriptor Own(int fd, string call)
        => fd >= 0 ? new FileDescriptor(fd) : throw new IOException($"{call}: {Libc.LastError()}");

    protected override bool ReleaseHandle() => Libc.Close((int)handle) == 0;
}
