using System.Runtime.InteropServices;

namespace Kaleidofs.Host.DevFuse.Uring;

/// <summary>The commands on /dev/fuse (enum fuse_uring_cmd of linux/fuse.h).</summary>
internal static class UringCommands
{
    /// <summary>FUSE_IO_URING_CMD_REGISTER: here is an entry; complete when there is a request in it.</summary>
    public const uint Register = 1;

    /// <summary>FUSE_IO_URING_CMD_COMMIT_AND_FETCH: here is the reply; complete when there is another request.</summary>
    public const uint CommitAndFetch = 2;
}

/// <summary>struct fuse_uring_cmd_req: what a command carries in its submission.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct UringCommand
{
    public ulong Flags;

    /// <summary>Which request is answered.</summary>
    public ulong CommitId;

    /// <summary>The queue, which is the number of a CPU.</summary>
    public ushort Queue;

    /// <summary>Padding to 64 bits.</summary>
    public ushort Padding0;

    /// <summary>Padding to 64 bits.</summary>
    public uint Padding1;
}

/// <summary>struct fuse_uring_ent_in_out: the third part of an entry's header.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct UringEntryState
{
    public ulong Flags;

    /// <summary>To be named in the commit.</summary>
    public ulong CommitId;

    /// <summary>Bytes in the payload buffer.</summary>
    public uint PayloadSize;

    /// <summary>Padding to 64 bits.</summary>
    public uint Padding;

    public ulong Reserved;
}

/// <summary>struct iovec (sys/uio.h), in memory that the kernel reads.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct UringVector
{
    public nint Base;
    public nint Length;
}
