using System.Runtime.InteropServices;

namespace Kaleidofs.Host.Linux;

/// <summary>What the FUSE device is driven with.</summary>
internal static unsafe partial class Libc
{
    public const int ENOENT = 2;
    public const int ENODEV = 19;
    public const int ECONNABORTED = 103;
    public const int ENOTCONN = 107;

    private const string FuseDevice = "/dev/fuse";

    /// <summary>FUSE_DEV_IOC_CLONE: _IOR(229, 0, uint32_t) of linux/fuse.h.</summary>
    private const nuint FUSE_DEV_IOC_CLONE = 0x8004E500;

    private const int F_DUPFD_CLOEXEC = 1030;
    private const int O_RDWR = 2;
    private const int O_CLOEXEC = 0x80000;

    /// <summary>/dev/fuse, not connected yet; null with the last error set.</summary>
    public static FileDescriptor? OpenFuse()
    {
        int fd = Open(FuseDevice, O_RDWR | O_CLOEXEC);
        return fd < 0 ? null : new FileDescriptor(fd);
    }

    /// <summary>
    /// A second channel to a descriptor's connection, with a queue of its own for what was read and not answered;
    /// where the device may not be opened (its permissions), another descriptor of the same channel.
    /// </summary>
    /// <exception cref="IOException">The kernel gave none.</exception>
    public static FileDescriptor CloneFuse(FileDescriptor connected)
    {
        FileDescriptor? clone = OpenFuse();
        uint number = (uint)connected.Number;
        if (clone is not null && DeviceControl(clone.Number, FUSE_DEV_IOC_CLONE, &number) == 0)
        {
            return clone;
        }
        clone?.Dispose();
        return FileDescriptor.Own(DescriptorControl(connected.Number, F_DUPFD_CLOEXEC, 0), "fcntl");
    }

    /// <summary>read(2) to memory that its owner keeps.</summary>
    public static nint Read(int fd, nint buffer, int count) => Read(fd, (void*)buffer, (nuint)count);

    /// <summary>write(2) from memory that its owner keeps.</summary>
    public static nint Write(int fd, nint buffer, int count) => Write(fd, (void*)buffer, (nuint)count);

    [LibraryImport(Library, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport(Library, EntryPoint = "fcntl", SetLastError = true)]
    private static partial int DescriptorControl(int fd, int command, nint argument);

    [LibraryImport(Library, EntryPoint = "ioctl", SetLastError = true)]
    private static partial int DeviceControl(int fd, nuint request, void* argument);
}
