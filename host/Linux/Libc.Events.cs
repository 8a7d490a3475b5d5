using System.Runtime.InteropServices;

namespace Kaleidofs.Host.Linux;

internal static unsafe partial class Libc
{
    public const short POLLIN = 1;

    public const uint EPOLLIN = 1;
    public const uint EPOLLET = 1u << 31;
    public const int EPOLL_CTL_ADD = 1;
    public const int EPOLL_CTL_DEL = 2;

    private const int EFD_CLOEXEC = 0x80000;
    private const int EFD_NONBLOCK = 0x800;
    private const int EPOLL_CLOEXEC = 0x80000;

    [LibraryImport(Library, EntryPoint = "eventfd", SetLastError = true)]
    private static partial int EventFd(uint initial, int flags);

    [LibraryImport(Library, EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(PollDescriptor* descriptors, nuint count, int milliseconds);

    [LibraryImport(Library, EntryPoint = "epoll_create1", SetLastError = true)]
    private static partial int EpollCreate(int flags);

    [LibraryImport(Library, EntryPoint = "epoll_ctl", SetLastError = true)]
    public static partial int EpollControl(int epoll, int operation, int fd, EpollEvent* change);

    [LibraryImport(Library, EntryPoint = "epoll_wait", SetLastError = true)]
    public static partial int EpollWait(int epoll, EpollEvent* events, int count, int milliseconds);

    [LibraryImport(Library, EntryPoint = "fcntl", SetLastError = true)]
    private static partial int FileControl(int fd, int command, nint argument);

    /// <summary>Whether writing to a descriptor that came from elsewhere cannot block: it is no file, pipe or socket, and non-blocking from now on.</summary>
    /// <remarks>An eventfd is an anonymous inode, whose mode has no type. That the kernel gives others such inodes does no harm here: none of them blocks a writer.</remarks>
    public static bool TryMakeSignal(FileDescriptor descriptor)
    {
        const int S_IFMT = 0xf000;
        const int F_GETFL = 3;
        const int F_SETFL = 4;
        const int O_NONBLOCK = 0x800;
        if (Status(descriptor.Number) is not { } status || (status.Mode & S_IFMT) != 0)
        {
            return false;
        }
        int flags = FileControl(descriptor.Number, F_GETFL, 0);
        return flags >= 0 && ((flags & O_NONBLOCK) != 0 || FileControl(descriptor.Number, F_SETFL, flags | O_NONBLOCK) == 0);
    }

    /// <summary>A new eventfd(2): non-blocking, closed on exec.</summary>
    /// <exception cref="IOException">The kernel gave none.</exception>
    public static FileDescriptor CreateEventFd() => FileDescriptor.Own(EventFd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd");

    /// <summary>A new epoll instance, closed on exec.</summary>
    /// <exception cref="IOException">The kernel gave none.</exception>
    public static FileDescriptor CreateEpoll() => FileDescriptor.Own(EpollCreate(EPOLL_CLOEXEC), "epoll_create1");

    /// <summary>Waits until a descriptor has something to read, or its peer is gone, or a second one has.</summary>
    /// <returns>Whether the first has; false with neither if waiting failed, and the last error set.</returns>
    public static bool WaitReadable(FileDescriptor first, FileDescriptor stop, out bool isStopped)
    {
        PollDescriptor* descriptors = stackalloc PollDescriptor[2];
        descriptors[0] = new() { Descriptor = first.Number, Events = POLLIN };
        descriptors[1] = new() { Descriptor = stop.Number, Events = POLLIN };
        while (Poll(descriptors, 2, -1) < 0)
        {
            if (Marshal.GetLastPInvokeError() != EINTR)
            {
                isStopped = false;
                return false;
            }
        }
        isStopped = descriptors[1].Returned != 0;
        return descriptors[0].Returned != 0;
    }

    /// <summary>Waits for one descriptor, but not for ever.</summary>
    public static bool WaitReadable(FileDescriptor descriptor, int milliseconds)
    {
        PollDescriptor entry = new() { Descriptor = descriptor.Number, Events = POLLIN };
        return Poll(&entry, 1, milliseconds) > 0;
    }

    /// <summary>Adds one to an eventfd. A counter that is full (EAGAIN) is signalled already; a peer that closed its end does not matter.</summary>
    public static void Signal(int eventFd)
    {
        ulong one = 1;
        _ = Write(eventFd, &one, sizeof(ulong));
    }

    /// <summary>struct pollfd (poll.h).</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    /// <summary>struct epoll_event (linux/eventpoll.h), packed on x86-64.</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    internal struct EpollEvent
    {
        public uint Events;
        public ulong Data;
    }
}
