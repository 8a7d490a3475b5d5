using System.Runtime.InteropServices;

namespace Kaleidofs.Host.Linux;

/// <summary>A pair of connected sockets, one of them for a child process that sends back a file descriptor (SCM_RIGHTS, unix(7)).</summary>
internal sealed unsafe partial class DescriptorSocket : IDisposable
{
    private const int AF_UNIX = 1;
    private const int SOCK_STREAM = 1;
    private const int F_SETFD = 2;
    private const int FD_CLOEXEC = 1;

    private readonly FileDescriptor _own;
    private readonly FileDescriptor _peer;

    private DescriptorSocket(int own, int peer)
    {
        _own = new FileDescriptor(own);
        _peer = new FileDescriptor(peer);
    }

    /// <summary>The child's end; inherited, unlike this process's own.</summary>
    public int PeerDescriptor => _peer.Number;

    /// <exception cref="IOException">The kernel gave none.</exception>
    public static DescriptorSocket CreatePair()
    {
        int* pair = stackalloc int[2];
        if (SocketPair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
        {
            throw new IOException("socketpair: " + Libc.LastError());
        }
        DescriptorSocket result = new(pair[0], pair[1]);
        _ = FileControl(pair[0], F_SETFD, FD_CLOEXEC);
        return result;
    }

    /// <summary>Only the child has its end from now on, so that the child's end is noticed.</summary>
    public void ClosePeer() => _peer.Dispose();

    /// <summary>The descriptor that the child sent, or null if it ended without one.</summary>
    public FileDescriptor? Receive()
    {
        byte[] data = new byte[1];
        List<FileDescriptor> descriptors = [];
        int received;
        do
        {
            received = DescriptorMessages.Receive(_own, data, descriptors, flags: 0, out _);
        }
        while (received < 0 && Marshal.GetLastPInvokeError() == Libc.EINTR);
        return descriptors.FirstOrDefault();
    }

    public void Dispose()
    {
        _own.Dispose();
        _peer.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "socketpair", SetLastError = true)]
    private static partial int SocketPair(int domain, int type, int protocol, int* pair);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int FileControl(int descriptor, int command, nint argument);
}
