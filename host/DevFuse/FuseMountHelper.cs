using System.Diagnostics;
using System.Globalization;
using Kaleidofs.Host.Linux;

namespace Kaleidofs.Host.DevFuse;

/// <summary>
/// fusermount3, the setuid program that mounts for users. It opens /dev/fuse, mounts, and sends the descriptor back
/// over the socket that _FUSE_COMMFD names.
/// </summary>
internal static class FuseMountHelper
{
    private const string Program = "fusermount3";

    /// <summary>One at a time: a second helper started meanwhile would inherit the first one's socket.</summary>
    private static readonly Lock OneAtATime = new();

    public static FileDescriptor Mount(string path, FuseMountOptions options)
    {
        string source = options.Source.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(",", "\\,", StringComparison.Ordinal);
        string list = string.Create(CultureInfo.InvariantCulture,
            $"fsname={source},subtype=kaleidofs,default_permissions,nosuid,nodev,max_read={options.MaxPayload}");
        if (options.IsReadOnly)
        {
            list += ",ro";
        }
        if (options.AllowOther ?? false)
        {
            list += ",allow_other";
        }
        lock (OneAtATime)
        {
            using DescriptorSocket socket = DescriptorSocket.CreatePair();
            (int exitCode, string error) = Run(["-o", list, "--", path], socket.PeerDescriptor, socket.ClosePeer);
            return exitCode == 0 && socket.Receive() is { } device
                ? device
                : throw new SourceException($"cannot mount on {path}: {(error.Length > 0 ? error : Program + " failed")}");
        }
    }

    public static bool Unmount(string path, bool lazy)
        => Run(lazy ? ["-u", "-z", "--", path] : ["-u", "--", path], null, null).ExitCode == 0;

    private static (int ExitCode, string Error) Run(string[] arguments, int? descriptor, Action? started)
    {
        ProcessStartInfo start = new(Program, arguments) { RedirectStandardError = true };
        if (descriptor is { } number)
        {
            start.Environment["_FUSE_COMMFD"] = number.ToString(CultureInfo.InvariantCulture);
        }
        try
        {
            using Process process = Process.Start(start)!;
            started?.Invoke();
            string error = process.StandardError.ReadToEnd().Trim().ReplaceLineEndings("; ");
            process.WaitForExit();
            return (process.ExitCode, error);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            throw new SourceException($"cannot mount: {Program} was not found; install the package fuse3, or run as root");
        }
    }
}
