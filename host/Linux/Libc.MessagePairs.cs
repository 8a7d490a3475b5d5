namespace Kaleidofs.Host.Linux;

/// <summary>Pairs of sockets that keep messages apart, for two processes that begin as one.</summary>
internal static unsafe partial class Libc
{
    private const int SOCK_SEQPACKET = 5;
    private const int F_SETFD = 2;
    private const int FD_CLOEXEC = 1;

    /// <summary>Two connected sockets, closed on exec.</summary>
    /// <exception cref="IOException">The kernel gave none.</exception>
    public static (FileDescriptor First, FileDescriptor Second) CreateMessagePair()
    {
        int* pair = stackalloc int[2];
        return SocketPair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0
            ? (new FileDescriptor(pair[0]), new FileDescriptor(pair[1]))
            : throw new IOException($"socketpair: {LastError()}");
    }

    /// <summary>Whether what the process becomes or starts by execve(2) has the descriptor, too.</summary>
    public static void SetInherited(FileDescriptor descriptor, bool isInherited)
        => _ = DescriptorControl(descriptor.Number, F_SETFD, isInherited ? 0 : FD_CLOEXEC);

    /// <summary>Another descriptor of an open file, which what this process starts by execve(2) has, too.</summary>
    /// <exception cref="IOException">There is no room for one.</exception>
    public static FileDescriptor DuplicateForChildren(Microsoft.Win32.SafeHandles.SafeFileHandle file)
    {
        const int F_DUPFD = 0;
        bool isHeld = false;
        try
        {
            file.DangerousAddRef(ref isHeld);
            return FileDescriptor.Own(DescriptorControl((int)file.DangerousGetHandle(), F_DUPFD, 0), "fcntl(F_DUPFD)");
        }
        finally
        {
            if (isHeld)
            {
                file.DangerousRelease();
            }
        }
    }

    [System.Runtime.InteropServices.LibraryImport(Library, EntryPoint = "socketpair", SetLastError = true)]
    private static partial int SocketPair(int domain, int type, int protocol, int* pair);
}
