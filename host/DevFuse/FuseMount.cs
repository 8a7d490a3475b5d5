using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Kaleidofs.Host.Linux;

namespace Kaleidofs.Host.DevFuse;

/// <summary>A mount of ours: made by mount(2) as root, by fusermount3 otherwise, and through a broker where this process may do neither.</summary>
internal sealed class FuseMount
{
    private const string DevicePath = "/dev/fuse";
    private const string Type = "fuse.kaleidofs";

    private readonly Func<bool, bool> _unmount;
    private readonly string? _device;

    /// <param name="mountpoint">Where it is mounted.</param>
    /// <param name="device">The connection.</param>
    /// <param name="unmount">Takes it away again; if asked to, from under its users.</param>
    private FuseMount(string mountpoint, FileDescriptor device, Func<bool, bool> unmount)
    {
        Mountpoint = mountpoint;
        Device = device;
        _unmount = unmount;
        _device = MountTable.Find(mountpoint)?.Device;
    }

    /// <summary>Where it is mounted, without symbolic links.</summary>
    public string Mountpoint { get; }

    /// <summary>The connection; the first channel owns it.</summary>
    public FileDescriptor Device { get; }

    /// <summary>What made it, if not this process.</summary>
    private MountBroker? Broker { get; init; }

    /// <summary>Where it is mounted, as the user wrote it and the broker knows it.</summary>
    private string Requested { get; init; } = "";

    /// <summary>Whether the mountpoint still shows this mount, and no other above it.</summary>
    public bool IsMounted => _device is not null && MountTable.Find(Mountpoint)?.Device == _device;

    /// <summary>Mounts; the kernel's first request waits in the device.</summary>
    /// <exception cref="SourceException">It cannot be mounted.</exception>
    public static FuseMount Create(string mountpoint, FuseMountOptions options)
    {
        string path = CheckMountpoint(mountpoint);
        if (options.Broker is { } broker)
        {
            return new FuseMount(path, broker.Mount(mountpoint, options), lazy => broker.Unmount(mountpoint, lazy)) { Broker = broker, Requested = mountpoint };
        }
        if (Environment.IsPrivilegedProcess)
        {
            FileDescriptor device = OpenDevice();
            MountDirectly(path, device, options);
            return new FuseMount(path, device, lazy => Libc.Unmount(path, lazy ? Libc.UnmountFlags.Force | Libc.UnmountFlags.Detach : Libc.UnmountFlags.None) == 0);
        }
        return new FuseMount(path, FuseMountHelper.Mount(path, options), lazy => FuseMountHelper.Unmount(path, lazy));
    }

    /// <summary>Unmounts if nobody uses it; false if somebody does.</summary>
    public bool TryUnmount() => _unmount(false);

    /// <summary>
    /// Takes the name away although somebody uses it. As root the connection ends at once, and users get ECONNABORTED;
    /// otherwise it ends with its last user or with this process.
    /// </summary>
    public bool Detach() => _unmount(true);

    /// <summary>
    /// Lets the kernel read ahead as much as one request may ask for: 128 KiB are its default. It asks root for that;
    /// without, sequential reads through the page cache come in requests of 128 KiB.
    /// </summary>
    public void RaiseReadAhead(int bytes)
    {
        if (Broker is not null)
        {
            Broker.RaiseReadAhead(Requested, bytes);
            return;
        }
        try
        {
            string path = $"/sys/class/bdi/{_device}/read_ahead_kb";
            if (int.Parse(File.ReadAllText(path), CultureInfo.InvariantCulture) < bytes >> 10)
            {
                File.WriteAllText(path, (bytes >> 10).ToString(CultureInfo.InvariantCulture));
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FormatException)
        {
            // Not root, or sysfs is read-only, as in containers.
        }
    }

    /// <summary>
    /// Sends one request to the mount, and tells, when asked, whether it was answered. Another process asks: one that is
    /// killed while a thread of its own waits for its own mount does not end.
    /// </summary>
    public Func<bool> AskForStatistics()
    {
        if (Broker is { } broker)
        {
            broker.AskForStatistics(Requested);
            return () => broker.HasStatistics(Requested);
        }
        try
        {
            Process asking = Process.Start(new ProcessStartInfo("stat", ["-f", "--", Mountpoint]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            return () => asking.HasExited;
        }
        catch (Win32Exception)
        {
            // No such program here: the mount is not tried out.
            return static () => true;
        }
    }

    private static FileDescriptor OpenDevice() => Libc.OpenFuse() ?? throw new SourceException(
        Marshal.GetLastPInvokeError() is Libc.ENOENT or Libc.ENODEV
            ? $"cannot mount: {DevicePath} is not there; load the fuse module (modprobe fuse), or give the container the device (--device {DevicePath})"
            : $"cannot mount: {DevicePath} cannot be opened: {Libc.LastError()}");

    private static void MountDirectly(string path, FileDescriptor device, FuseMountOptions options)
    {
        string data = string.Create(CultureInfo.InvariantCulture,
            $"fd={device.Number},rootmode=40000,user_id={Libc.GetEffectiveUserId()},group_id={Libc.GetEffectiveGroupId()},default_permissions,max_read={options.MaxPayload}");
        if (options.AllowOther ?? true)
        {
            data += ",allow_other";
        }
        Libc.MountFlags flags = Libc.MountFlags.NoSuid | Libc.MountFlags.NoDevices
            | (options.IsReadOnly ? Libc.MountFlags.ReadOnly : Libc.MountFlags.None);
        if (Libc.Mount(options.Source, path, Type, flags, data) < 0)
        {
            int errno = Marshal.GetLastPInvokeError();
            device.Dispose();
            string advice = errno == Libc.EPERM ? "; mounting needs CAP_SYS_ADMIN (in a container: --cap-add SYS_ADMIN)" : "";
            throw new SourceException($"cannot mount on {path}: {Marshal.GetPInvokeErrorMessage(errno)}{advice}");
        }
    }

    private static string CheckMountpoint(string mountpoint)
    {
        string? path = Libc.RealPath(mountpoint);
        if (path is null)
        {
            int errno = Marshal.GetLastPInvokeError();
            throw new SourceException(errno switch
            {
                Libc.ENOENT => $"cannot mount on {mountpoint}: no such directory; create it first",
                Libc.ENOTCONN => DeadMount(mountpoint),
                _ => $"cannot mount on {mountpoint}: {Marshal.GetPInvokeErrorMessage(errno)}",
            });
        }
        if (MountTable.Find(path) is { } mount)
        {
            throw new SourceException(mount.Type == Type && Libc.IsDisconnected(path)
                ? DeadMount(path)
                : $"cannot mount on {mountpoint}: {mount.Source} ({mount.Type}) is mounted there; unmount it first (umount {path}), or choose another directory");
        }
        return Directory.Exists(path)
            ? path
            : throw new SourceException($"cannot mount on {mountpoint}: not a directory");
    }

    private static string DeadMount(string path) => $"cannot mount on {path}: the mount of a host that died is still there; remove it with: umount {path}";
}
