using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Kaleidofs.Host.Linux;

/// <summary>
/// One io_uring: commands to a device go in, completions come out. One thread, the one that calls
/// <see cref="Enable"/>, submits and waits; nobody else touches it.
/// </summary>
/// <remarks>
/// The kernel's task work, which copies requests into our memory, runs only within <see cref="Enter"/>
/// (IORING_SETUP_DEFER_TASKRUN): while the thread is elsewhere, memory that was lent to the kernel does not change.
/// </remarks>
internal sealed unsafe class IoUring : IDisposable
{
    private const uint SubmissionEntries = 64;
    private const uint CompletionEntries = 1024;

    private const uint IORING_SETUP_CQSIZE = 1u << 3;
    private const uint IORING_SETUP_R_DISABLED = 1u << 6;
    private const uint IORING_SETUP_SUBMIT_ALL = 1u << 7;
    private const uint IORING_SETUP_SQE128 = 1u << 10;
    private const uint IORING_SETUP_SINGLE_ISSUER = 1u << 12;
    private const uint IORING_SETUP_DEFER_TASKRUN = 1u << 13;
    private const uint IORING_SETUP_NO_SQARRAY = 1u << 16;

    private const uint IORING_REGISTER_FILES = 2;
    private const uint IORING_REGISTER_ENABLE_RINGS = 12;
    private const uint IORING_ENTER_GETEVENTS = 1u << 0;
    private const uint IORING_ENTER_EXT_ARG = 1u << 3;
    private const byte IORING_OP_POLL_ADD = 6;
    private const byte IORING_OP_URING_CMD = 46;
    private const byte IOSQE_FIXED_FILE = 1;
    private const uint IORING_POLL_ADD_MULTI = 1;
    private const uint IORING_CQE_F_MORE = 1u << 1;
    private const long IORING_OFF_SQ_RING = 0;
    private const long IORING_OFF_SQES = 0x10000000;

    private readonly FileDescriptor _ring;
    private readonly nint _rings;
    private readonly nuint _ringsSize;
    private readonly Libc.UringSubmission* _submissions;
    private readonly nuint _submissionsSize;
    private readonly uint* _submissionHead;
    private readonly uint* _submissionTail;
    private readonly uint _submissionMask;
    private readonly uint* _completionHead;
    private readonly uint* _completionTail;
    private readonly uint _completionMask;
    private readonly Libc.UringCompletion* _completions;
    private uint _tail;

    /// <summary>A new ring, closed on exec, which nobody may use before <see cref="Enable"/>.</summary>
    /// <exception cref="IOException">The kernel gives none: too old, forbidden (kernel.io_uring_disabled, seccomp), or short of memory.</exception>
    public IoUring()
    {
        Libc.UringParameters parameters = new()
        {
            CompletionEntries = CompletionEntries,
            Flags = IORING_SETUP_CQSIZE | IORING_SETUP_R_DISABLED | IORING_SETUP_SUBMIT_ALL | IORING_SETUP_SQE128
                | IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_NO_SQARRAY,
        };
        _ring = FileDescriptor.Own(Libc.SetUpRing(SubmissionEntries, &parameters), "io_uring_setup");
        // IORING_FEAT_SINGLE_MMAP: both rings lie in one mapping (since 5.4; the flags above are younger).
        _ringsSize = Math.Max(
            parameters.Submission.Tail + sizeof(uint),
            parameters.Completion.Entries + (parameters.CompletionEntries * (uint)sizeof(Libc.UringCompletion)));
        _submissionsSize = parameters.SubmissionEntries * (uint)sizeof(Libc.UringSubmission);
        _rings = Map(_ringsSize, IORING_OFF_SQ_RING);
        _submissions = (Libc.UringSubmission*)Map(_submissionsSize, IORING_OFF_SQES);
        byte* rings = (byte*)_rings;
        _submissionHead = (uint*)(rings + parameters.Submission.Head);
        _submissionTail = (uint*)(rings + parameters.Submission.Tail);
        _submissionMask = parameters.SubmissionEntries - 1;
        _completionHead = (uint*)(rings + parameters.Completion.Head);
        _completionTail = (uint*)(rings + parameters.Completion.Tail);
        _completionMask = parameters.CompletionEntries - 1;
        _completions = (Libc.UringCompletion*)(rings + parameters.Completion.Entries);
    }

    /// <summary>Makes the calling thread the ring's, and a device the one that <see cref="SubmitCommand"/> speaks to. The ring keeps it open.</summary>
    /// <exception cref="IOException">The kernel refuses.</exception>
    public void Enable(FileDescriptor device)
    {
        int number = device.Number;
        if (Libc.RegisterWithRing(_ring.Number, IORING_REGISTER_FILES, &number, 1) < 0
            || Libc.RegisterWithRing(_ring.Number, IORING_REGISTER_ENABLE_RINGS, null, 0) < 0)
        {
            throw new IOException($"io_uring_register: {Libc.LastError()}");
        }
    }

    /// <summary>Puts a command for the device into the ring (IORING_OP_URING_CMD); it goes to the kernel with the next <see cref="Enter"/>.</summary>
    public void SubmitCommand<T>(uint operation, ulong userData, in T command, nint vectors = 0, int vectorCount = 0) where T : unmanaged
    {
        Libc.UringSubmission* submission = Next();
        submission->Operation = IORING_OP_URING_CMD;
        submission->Flags = IOSQE_FIXED_FILE;
        submission->CommandOperation = operation;
        submission->Address = (ulong)vectors;
        submission->Length = (uint)vectorCount;
        submission->UserData = userData;
        Unsafe.WriteUnaligned(submission->Command, command);
    }

    /// <summary>Asks for a completion each time an eventfd is written to, until one comes for which <see cref="HasMore"/> is false.</summary>
    public void SubmitWatch(FileDescriptor eventFd, ulong userData)
    {
        Libc.UringSubmission* submission = Next();
        submission->Operation = IORING_OP_POLL_ADD;
        submission->Descriptor = eventFd.Number;
        submission->Length = IORING_POLL_ADD_MULTI;
        submission->PollEvents = (uint)Libc.POLLIN;
        submission->UserData = userData;
    }

    /// <summary>Whether more completions will follow this one.</summary>
    public static bool HasMore(in Libc.UringCompletion completion) => (completion.Flags & IORING_CQE_F_MORE) != 0;

    /// <summary>Submits what was put in, and lets the kernel complete what it can; waits for one completion if asked.</summary>
    /// <param name="wait">Whether to sleep until there is a completion.</param>
    /// <param name="milliseconds">The longest sleep; -1 for any.</param>
    /// <returns>False if the time ran out.</returns>
    /// <exception cref="IOException">The ring does not work.</exception>
    public bool Enter(bool wait, int milliseconds = -1)
    {
        // Release: what was written into the submissions is visible before the tail that covers them.
        Volatile.Write(ref *_submissionTail, _tail);
        uint flags = IORING_ENTER_GETEVENTS;
        Libc.KernelTime time;
        Libc.UringWaitArgument argument = default;
        if (wait && milliseconds >= 0)
        {
            flags |= IORING_ENTER_EXT_ARG;
            time = new() { Seconds = milliseconds / 1000, Nanoseconds = milliseconds % 1000 * 1_000_000 };
            argument.Timeout = (ulong)&time;
        }
        bool extended = (flags & IORING_ENTER_EXT_ARG) != 0;
        // The head is the kernel's, which moved it in an earlier call of this thread.
        uint submit = _tail - Volatile.Read(ref *_submissionHead);
        if (Libc.EnterRing(_ring.Number, submit, wait ? 1u : 0u, flags, extended ? &argument : null, extended ? (nuint)sizeof(Libc.UringWaitArgument) : 0) >= 0)
        {
            return true;
        }
        int errno = Marshal.GetLastPInvokeError();
        // EAGAIN, EBUSY: short of memory, or completions must be taken first. What was not taken stays in the ring.
        return errno switch
        {
            Libc.ETIME => false,
            Libc.EINTR or Libc.EAGAIN or Libc.EBUSY => true,
            _ => throw new IOException($"io_uring_enter: {Marshal.GetPInvokeErrorMessage(errno)}"),
        };
    }

    /// <summary>Takes the oldest completion, if there is one.</summary>
    public bool TryComplete(out Libc.UringCompletion completion)
    {
        // Acquire, against the kernel's release of the tail: an entry is read after the tail that covers it.
        uint head = *_completionHead;
        if (head == Volatile.Read(ref *_completionTail))
        {
            completion = default;
            return false;
        }
        completion = _completions[head & _completionMask];
        // Release: the entry was read before the kernel may use it again.
        Volatile.Write(ref *_completionHead, head + 1);
        return true;
    }

    /// <summary>Closes the ring: commands that the kernel still holds are cancelled.</summary>
    public void Dispose()
    {
        if (_ring.IsClosed)
        {
            return;
        }
        _ = Libc.UnmapMemory((nint)_submissions, _submissionsSize);
        _ = Libc.UnmapMemory(_rings, _ringsSize);
        _ring.Dispose();
    }

    private Libc.UringSubmission* Next()
    {
        while (_tail - Volatile.Read(ref *_submissionHead) > _submissionMask)
        {
            Enter(wait: false);
        }
        // Without an array of indexes (IORING_SETUP_NO_SQARRAY) the slots are used in order.
        Libc.UringSubmission* submission = &_submissions[_tail++ & _submissionMask];
        *submission = default;
        return submission;
    }

    private nint Map(nuint size, long offset)
    {
        const int MAP_POPULATE = 0x8000;
        nint address = Libc.MapMemory(0, size, Libc.PROT_READ | Libc.PROT_WRITE, Libc.MAP_SHARED | MAP_POPULATE, _ring.Number, offset);
        return address != Libc.MapFailed ? address : throw new IOException($"mmap of an io_uring: {Libc.LastError()}");
    }
}
