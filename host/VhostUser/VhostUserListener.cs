using System.Runtime.InteropServices;
using Kaleidofs.Host.Linux;

namespace Kaleidofs.Host.VhostUser;

/// <summary>The listening socket that front ends connect to, by a path of its own or inherited.</summary>
internal sealed class VhostUserListener : IDisposable
{
    private const int Backlog = 8;

    private readonly Libc.FileStatus? _file;

    private VhostUserListener(FileDescriptor socket, string? path)
    {
        Socket = socket;
        Path = path;
        _file = path is null ? null : Libc.Status(path);
    }

    public FileDescriptor Socket { get; }

    /// <summary>Where it listens; null for an inherited socket.</summary>
    public string? Path { get; }

    /// <summary>Listens at a path, for this user alone or for a group too. A socket that a dead server left behind is replaced.</summary>
    /// <exception cref="IOException">It cannot be had; the message is one line for the user.</exception>
    public static VhostUserListener Bind(string path, string? group = null)
    {
        uint? groupId = group is null ? null : Libc.FindGroup(group) ?? throw new IOException($"socket group '{group}': there is no such group");
        Libc.UnixAddress address = Libc.UnixAddress.Of(path);
        RemoveStale(path);
        FileDescriptor socket = Libc.CreateUnixSocket();
        try
        {
            // Before bind: the file has this mode from its first moment.
            _ = Libc.ChangeMode(socket.Number, 0x180);
            if (Libc.Bind(socket.Number, address) != 0)
            {
                throw new IOException($"socket path '{path}': {Libc.LastError()}");
            }
            if (groupId is { } id && (Libc.ChangeOwner(path, uint.MaxValue, id) != 0 || Libc.ChangeMode(path, 0x1b0) != 0))
            {
                string error = Libc.LastError();
                File.Delete(path);
                throw new IOException($"socket path '{path}': it cannot be given to group '{group}': {error}");
            }
            if (Libc.Listen(socket.Number, Backlog) != 0)
            {
                throw new IOException($"socket path '{path}': {Libc.LastError()}");
            }
            return new VhostUserListener(socket, path);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Takes over a descriptor that listens already (<c>--fd</c>).</summary>
    /// <exception cref="IOException">It is no listening socket.</exception>
    public static VhostUserListener Inherit(int fd)
        => Libc.IsListening(fd) ? new VhostUserListener(new FileDescriptor(fd), null) : throw new IOException($"--fd {fd}: it is not a listening socket");

    /// <summary>Stops listening, and removes the path if it is still this socket's.</summary>
    public void Dispose()
    {
        if (Path is { } path && _file is { } own && Libc.Status(path) is { } now
            && (now.Inode, now.DeviceMajor, now.DeviceMinor) == (own.Inode, own.DeviceMajor, own.DeviceMinor))
        {
            File.Delete(path);
        }
        Socket.Dispose();
    }

    /// <summary>Removes the socket that a dead server left at a path.</summary>
    /// <exception cref="IOException">Something else is there.</exception>
    public static void RemoveStale(string path)
    {
        Libc.UnixAddress address = Libc.UnixAddress.Of(path);
        if (Libc.Status(path) is not { } status)
        {
            return;
        }
        if (!status.IsSocket)
        {
            throw new IOException($"socket path '{path}': a file that is not a socket is there; remove it or choose another path");
        }
        using FileDescriptor probe = Libc.CreateUnixSocket();
        // A confined process cannot connect. It has removed what was stale before: what is there lives.
        if (Libc.Connect(probe.Number, address) == 0 || Marshal.GetLastPInvokeError() == Libc.EPERM)
        {
            throw new IOException($"socket path '{path}': another server listens there; stop it or choose another path");
        }
        File.Delete(path);
    }
}
