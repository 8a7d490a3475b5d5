using System.Runtime.InteropServices;

namespace Kaleidofs.Host.Linux;

/// <summary>io_uring(7), which the C library has no names for: the system calls and the structs of linux/io_uring.h.</summary>
internal static unsafe partial class Libc
{
    public const int EBUSY = 16;
    public const int ETIME = 62;

    // The same on every architecture.
    private const nint SYS_io_uring_setup = 425;
    private const nint SYS_io_uring_enter = 426;
    private const nint SYS_io_uring_register = 427;

    /// <summary>io_uring_setup(2): a descriptor, or -1.</summary>
    public static int SetUpRing(uint entries, UringParameters* parameters)
        => (int)SystemCall(SYS_io_uring_setup, (nint)entries, (nint)parameters, 0, 0, 0, 0);

    /// <summary>io_uring_enter(2): how many submissions were taken, or -1.</summary>
    public static int EnterRing(int ring, uint submit, uint waitFor, uint flags, void* argument, nuint size)
        => (int)SystemCall(SYS_io_uring_enter, ring, (nint)submit, (nint)waitFor, (nint)flags, (nint)argument, (nint)size);

    /// <summary>io_uring_register(2): 0 or more, or -1.</summary>
    public static int RegisterWithRing(int ring, uint operation, void* argument, uint count)
        => (int)SystemCall(SYS_io_uring_register, ring, (nint)operation, (nint)argument, (nint)count, 0, 0);

    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint first, nint second, nint third, nint fourth, nint fifth, nint sixth);

    /// <summary>struct io_uring_params.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct UringParameters
    {
        public uint SubmissionEntries;
        public uint CompletionEntries;
        public uint Flags;
        public uint PollingThreadCpu;
        public uint PollingThreadIdle;
        public uint Features;
        public uint WorkQueueDescriptor;
        public fixed uint Reserved[3];
        public SubmissionOffsets Submission;
        public CompletionOffsets Completion;
    }

    /// <summary>struct io_sqring_offsets.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct SubmissionOffsets
    {
        public uint Head;
        public uint Tail;
        public uint RingMask;
        public uint RingEntries;
        public uint Flags;
        public uint Dropped;
        public uint Array;
        public uint Reserved;
        public ulong UserAddress;
    }

    /// <summary>struct io_cqring_offsets.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct CompletionOffsets
    {
        public uint Head;
        public uint Tail;
        public uint RingMask;
        public uint RingEntries;
        public uint Overflow;
        public uint Entries;
        public uint Flags;
        public uint Reserved;
        public ulong UserAddress;
    }

    /// <summary>struct io_uring_sqe with the room for a command that IORING_SETUP_SQE128 gives: the fields that are used here.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    internal struct UringSubmission
    {
        public const int CommandSize = 80;

        [FieldOffset(0)] public byte Operation;
        [FieldOffset(1)] public byte Flags;
        [FieldOffset(4)] public int Descriptor;
        [FieldOffset(8)] public uint CommandOperation;
        [FieldOffset(16)] public ulong Address;
        [FieldOffset(24)] public uint Length;
        [FieldOffset(28)] public uint PollEvents;
        [FieldOffset(32)] public ulong UserData;
        [FieldOffset(48)] public fixed byte Command[CommandSize];
    }

    /// <summary>struct io_uring_cqe.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct UringCompletion
    {
        public ulong UserData;
        public int Result;
        public uint Flags;
    }

    /// <summary>struct io_uring_getevents_arg.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct UringWaitArgument
    {
        public ulong SignalMask;
        public uint SignalMaskSize;
        public uint MinimumWaitMicroseconds;
        public ulong Timeout;
    }

    /// <summary>struct __kernel_timespec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct KernelTime
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
