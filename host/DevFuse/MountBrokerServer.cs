using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Kaleidofs.Host.Linux;

namespace Kaleidofs.Host.DevFuse;

/// <summary>The broker's side of <see cref="MountBroker"/>: whoever asks may be under a guest's control.</summary>
/// <param name="socket">The socket.</param>
/// <param name="mountpoints">All that may be mounted on, and unmounted again.</param>
internal sealed class MountBrokerServer(FileDescriptor socket, IReadOnlyList<string> mountpoints)
{
    /// <summary>The longest message: a path, and a source that is one.</summary>
    public const int MaxMessage = 16 << 10;

    private readonly FuseMount?[] _mounts = new FuseMount?[mountpoints.Count];

    private readonly Func<bool>?[] _answered = new Func<bool>?[mountpoints.Count];

    /// <summary>Answers until nobody can ask any more.</summary>
    public void Run()
    {
        byte[] request = new byte[MaxMessage];
        List<FileDescriptor> unwanted = [];
        while (true)
        {
            int length = DescriptorMessages.Receive(socket, request, unwanted, flags: 0, out _);
            unwanted.ForEach(descriptor => descriptor.Dispose());
            unwanted.Clear();
            if (length > 0)
            {
                Answer(Encoding.UTF8.GetString(request, 0, length).Split('\0'));
            }
            else if (length == 0 || Marshal.GetLastPInvokeError() != Libc.EINTR)
            {
                return;
            }
        }
    }

    private void Answer(string[] fields)
    {
        FileDescriptor? device = null;
        string answer;
        try
        {
            answer = Do(fields, out device);
        }
        catch (SourceException exception)
        {
            answer = exception.Message;
        }
        // Only the one who asked has the connection: it ends with that process.
        using (device)
        {
            DescriptorMessages.Send(socket, Encoding.UTF8.GetBytes('.' + answer), device);
        }
    }

    /// <summary>Nothing, or what went wrong.</summary>
    private string Do(string[] fields, out FileDescriptor? device)
    {
        device = null;
        if (fields.Length < 2 || !int.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out int index) || index >= mountpoints.Count)
        {
            return "not understood";
        }
        switch (fields)
        {
            case ["mount", _, var source, var mode, var allowOther, var length] when IsLength(length, out int payload):
                FuseMountOptions options = new()
                {
                    Source = source,
                    IsReadOnly = mode == "ro",
                    AllowOther = allowOther switch { "yes" => true, "no" => false, _ => null },
                    MaxPayload = payload,
                };
                FuseMount mount = FuseMount.Create(mountpoints[index], options);
                device = mount.Device;
                _mounts[index] = mount;
                return "";
            // Only what was mounted here, and is not beneath another's mount.
            case ["unmount", _] when _mounts[index] is { IsMounted: true } mounted:
                return mounted.TryUnmount() ? "" : "in use";
            case ["detach", _] when _mounts[index] is { IsMounted: true } mounted:
                return mounted.Detach() ? "" : "in use";
            case ["readahead", _, var length] when _mounts[index] is { IsMounted: true } mounted && IsLength(length, out int bytes):
                mounted.RaiseReadAhead(bytes);
                return "";
            case ["ask", _] when _mounts[index] is { IsMounted: true } mounted:
                _answered[index] = mounted.AskForStatistics();
                return "";
            case ["answered", _] when _answered[index] is { } isAnswered:
                return isAnswered() ? "" : "not yet";
            default:
                return "not understood";
        }
    }

    private static bool IsLength(string text, out int bytes)
        => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out bytes) && bytes <= FuseLimits.MaxPayload;
}
