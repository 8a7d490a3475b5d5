using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Kaleidofs.Host.Linux;

namespace Kaleidofs.Host.DevFuse;

/// <summary>
/// Mounts and unmounts for a confined process, which may do neither: a process of its own that was started before, and
/// that mounts only where it was told to then. It ends when the confined process does.
/// </summary>
/// <remarks>A message a request and a message an answer (<see cref="MountBrokerServer"/>), one at a time.</remarks>
internal sealed class MountBroker
{
    /// <summary>What the program does when it is started as one.</summary>
    public const string Verb = "mount-broker";

    /// <summary>Names the descriptor of the socket between the two.</summary>
    private const string Variable = "KALEIDOFS_MOUNT_BROKER";

    private readonly FileDescriptor _socket;
    private readonly IReadOnlyList<string> _mountpoints;
    private readonly Lock _lock = new();

    private MountBroker(FileDescriptor socket, IReadOnlyList<string> mountpoints)
    {
        _socket = socket;
        _mountpoints = mountpoints;
    }

    /// <summary>Starts the broker; its socket is for what this process becomes by execve(2).</summary>
    /// <returns>The variable that <see cref="Inherit"/> finds it by, for the environment.</returns>
    /// <exception cref="IOException">It cannot be started.</exception>
    public static string Start(IReadOnlyList<string> mountpoints)
    {
        (FileDescriptor own, FileDescriptor peer) = Libc.CreateMessagePair();
        using (peer)
        {
            Libc.SetInherited(peer, true);
            string program = Environment.ProcessPath!;
            string[] self = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [Environment.GetCommandLineArgs()[0]] : [];
            ProcessStartInfo start = new(program, [.. self, Verb, .. mountpoints]);
            start.Environment[Variable] = peer.Number.ToString(CultureInfo.InvariantCulture);
            try
            {
                using Process? process = Process.Start(start);
            }
            catch (System.ComponentModel.Win32Exception exception)
            {
                own.Dispose();
                throw new IOException($"{program}: {exception.Message}", exception);
            }
        }
        Libc.SetInherited(own, true);
        string variable = $"{Variable}={own.Number}";
        // It stays open until the process is another one.
        own.SetHandleAsInvalid();
        return variable;
    }

    /// <summary>The broker that was started before; null if none was.</summary>
    public static MountBroker? Inherit(IReadOnlyList<string> mountpoints) => InheritSocket() is { } socket ? new MountBroker(socket, mountpoints) : null;

    /// <summary>The socket that the environment names, closed on exec from now on.</summary>
    public static FileDescriptor? InheritSocket()
    {
        if (!int.TryParse(Environment.GetEnvironmentVariable(Variable), NumberStyles.None, CultureInfo.InvariantCulture, out int number))
        {
            return null;
        }
        FileDescriptor socket = new(number);
        Libc.SetInherited(socket, false);
        return socket;
    }

    /// <summary>Mounts; the descriptor is the connection.</summary>
    /// <exception cref="SourceException">It cannot be mounted.</exception>
    public FileDescriptor Mount(string mountpoint, FuseMountOptions options)
    {
        string allowOther = options.AllowOther is { } chosen ? chosen ? "yes" : "no" : "";
        (string answer, FileDescriptor? device) = Ask("mount", mountpoint, options.Source, options.IsReadOnly ? "ro" : "rw", allowOther, options.MaxPayload.ToString(CultureInfo.InvariantCulture));
        return device ?? throw new SourceException(answer);
    }

    /// <summary>Takes a mount away: if nobody uses it, or only its name, although somebody does.</summary>
    public bool Unmount(string mountpoint, bool lazy) => Ask(lazy ? "detach" : "unmount", mountpoint).Answer.Length == 0;

    /// <summary>Lets the kernel read ahead further (<see cref="FuseMount.RaiseReadAhead"/>).</summary>
    public void RaiseReadAhead(string mountpoint, int bytes) => Ask("readahead", mountpoint, bytes.ToString(CultureInfo.InvariantCulture));

    /// <summary>Has the mount send a request (<see cref="FuseMount.AskForStatistics"/>).</summary>
    public void AskForStatistics(string mountpoint) => Ask("ask", mountpoint);

    /// <summary>Whether that was answered.</summary>
    public bool HasStatistics(string mountpoint) => Ask("answered", mountpoint).Answer.Length == 0;

    private (string Answer, FileDescriptor? Descriptor) Ask(string request, string mountpoint, params IEnumerable<string> fields)
    {
        string message = string.Join('\0', [request, IndexOf(mountpoint), .. fields]);
        lock (_lock)
        {
            if (!DescriptorMessages.TrySend(_socket, Encoding.UTF8.GetBytes(message)))
            {
                return Gone(mountpoint);
            }
            byte[] answer = new byte[MountBrokerServer.MaxMessage];
            List<FileDescriptor> descriptors = [];
            int length;
            do
            {
                length = DescriptorMessages.Receive(_socket, answer, descriptors, flags: 0, out _);
            }
            while (length < 0 && Marshal.GetLastPInvokeError() == Libc.EINTR);
            return length > 0 ? (Encoding.UTF8.GetString(answer, 1, length - 1), descriptors.FirstOrDefault()) : Gone(mountpoint);
        }
    }

    private static (string Answer, FileDescriptor? Descriptor) Gone(string mountpoint) => ($"cannot mount on {mountpoint}: the process that mounts is gone", null);

    private string IndexOf(string mountpoint)
    {
        for (int i = 0; i < _mountpoints.Count; i++)
        {
            if (_mountpoints[i] == mountpoint)
            {
                return i.ToString(CultureInfo.InvariantCulture);
            }
        }
        throw new ArgumentException(mountpoint);
    }
}
