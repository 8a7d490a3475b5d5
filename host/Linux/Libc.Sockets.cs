using System.Runtime.InteropServices;

namespace Kaleidofs.Host.Linux;

internal static unsafe partial class Libc
{
    public const int SOL_SOCKET = 1;
    public const int SCM_RIGHTS = 1;
    public const int MSG_CTRUNC = 0x8;
    public const int MSG_DONTWAIT = 0x40;
    public const int MSG_NOSIGNAL = 0x4000;
    public const int MSG_CMSG_CLOEXEC = 0x40000000;

    private const int AF_UNIX = 1;
    private const int SOCK_STREAM = 1;
    private const int SOCK_CLOEXEC = 0x80000;
    private const int SO_ACCEPTCONN = 30;
    private const int SO_PEERCRED = 17;

    [LibraryImport(Library, EntryPoint = "socket", SetLastError = true)]
    private static partial int Socket(int domain, int type, int protocol);

    [LibraryImport(Library, EntryPoint = "bind", SetLastError = true)]
    private static partial int Bind(int fd, UnixAddress* address, uint length);

    [LibraryImport(Library, EntryPoint = "connect", SetLastError = true)]
    private static partial int Connect(int fd, UnixAddress* address, uint length);

    [LibraryImport(Library, EntryPoint = "listen", SetLastError = true)]
    public static partial int Listen(int fd, int backlog);

    [LibraryImport(Library, EntryPoint = "accept4", SetLastError = true)]
    private static partial int Accept(int fd, void* address, void* length, int flags);

    [LibraryImport(Library, EntryPoint = "getsockopt", SetLastError = true)]
    private static partial int GetSocketOption(int fd, int level, int name, int* value, uint* length);

    [LibraryImport(Library, EntryPoint = "recvmsg", SetLastError = true)]
    public static partial nint ReceiveMessage(int fd, MessageHeader* message, int flags);

    [LibraryImport(Library, EntryPoint = "sendmsg", SetLastError = true)]
    public static partial nint SendMessage(int fd, MessageHeader* message, int flags);

    /// <summary>A new stream socket of the UNIX domain, closed on exec.</summary>
    /// <exception cref="IOException">The kernel gave none.</exception>
    public static FileDescriptor CreateUnixSocket() => FileDescriptor.Own(Socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");

    /// <summary>bind(2) to a path.</summary>
    public static int Bind(int fd, UnixAddress address) => Bind(fd, &address, (uint)sizeof(UnixAddress));

    /// <summary>connect(2) to a path.</summary>
    public static int Connect(int fd, UnixAddress address) => Connect(fd, &address, (uint)sizeof(UnixAddress));

    /// <summary>The next connection, closed on exec, or -1.</summary>
    public static int Accept(int fd) => Accept(fd, null, null, SOCK_CLOEXEC);

    /// <summary>Whether a descriptor is a socket that listens.</summary>
    public static bool IsListening(int fd)
    {
        int value = 0;
        uint length = sizeof(int);
        return GetSocketOption(fd, SOL_SOCKET, SO_ACCEPTCONN, &value, &length) == 0 && value != 0;
    }

    /// <summary>The process at the other end of a UNIX socket; 0 if it cannot be known (SO_PEERCRED, unix(7)).</summary>
    public static int PeerProcess(int fd)
    {
        // struct ucred: pid, uid, gid.
        int* credentials = stackalloc int[3];
        uint length = 3 * sizeof(int);
        return GetSocketOption(fd, SOL_SOCKET, SO_PEERCRED, credentials, &length) == 0 ? credentials[0] : 0;
    }

    /// <summary>struct msghdr (sys/socket.h, 64 bits).</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct MessageHeader
    {
        public void* Name;
        public uint NameLength;
        public IoVector* Vectors;
        public nuint VectorCount;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
    }

    /// <summary>struct iovec (sys/uio.h).</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct IoVector
    {
        public void* Base;
        public nuint Length;
    }

    /// <summary>struct cmsghdr (sys/socket.h, 64 bits), the descriptors following it.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct ControlHeader
    {
        public nuint Length;
        public int Level;
        public int Type;
    }

    /// <summary>struct sockaddr_un (sys/un.h) for a path.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct UnixAddress
    {
        /// <summary>The longest path in bytes, its NUL not counted.</summary>
        public const int MaxPath = 107;

        public ushort Family;
        public fixed byte Path[MaxPath + 1];

        /// <exception cref="IOException">The path is too long.</exception>
        public static UnixAddress Of(string path)
        {
            byte[] bytes = System.Text.Encoding.UTF8.GetBytes(path);
            if (bytes.Length is 0 or > MaxPath)
            {
                throw new IOException($"socket path '{path}': a UNIX socket's path has 1 to {MaxPath} bytes; choose a shorter one");
            }
            UnixAddress address = new() { Family = AF_UNIX };
            bytes.CopyTo(new Span<byte>(address.Path, MaxPath));
            return address;
        }
    }
}
