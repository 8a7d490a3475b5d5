namespace Kaleidofs.Host.Linux;

/// <summary>sendmsg(2) and recvmsg(2) on stream sockets, with file descriptors beside the bytes (SCM_RIGHTS, unix(7)).</summary>
internal static unsafe class DescriptorMessages
{
    /// <summary>The most descriptors that are taken along with one piece.</summary>
    public const int MaxDescriptors = 16;

    /// <summary>Receives what is there.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="buffer">Takes bytes.</param>
    /// <param name="descriptors">Takes the descriptors, closed on exec; they become its owner's.</param>
    /// <param name="flags">MSG_*.</param>
    /// <param name="isTruncated">More descriptors were sent than are taken; the kernel closed the others.</param>
    /// <returns>How many bytes; 0 at the end; -1 with the last error set.</returns>
    public static int Receive(FileDescriptor socket, Span<byte> buffer, List<FileDescriptor> descriptors, int flags, out bool isTruncated)
    {
        int controlSize = sizeof(Libc.ControlHeader) + (MaxDescriptors * sizeof(int));
        byte* control = stackalloc byte[controlSize];
        fixed (byte* start = buffer)
        {
            Libc.IoVector vector = new() { Base = start, Length = (nuint)buffer.Length };
            Libc.MessageHeader received = new() { Vectors = &vector, VectorCount = 1, Control = control, ControlLength = (nuint)controlSize };
            nint count = Libc.ReceiveMessage(socket.Number, &received, flags | Libc.MSG_CMSG_CLOEXEC);
            isTruncated = count >= 0 && (received.Flags & Libc.MSG_CTRUNC) != 0;
            if (count >= 0)
            {
                Collect(received, descriptors);
            }
            return (int)count;
        }
    }

    /// <summary>Sends bytes without waiting for room; false if not all of them were taken.</summary>
    public static bool TrySend(FileDescriptor socket, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            Libc.IoVector vector = new() { Base = start, Length = (nuint)bytes.Length };
            Libc.MessageHeader message = new() { Vectors = &vector, VectorCount = 1 };
            return Libc.SendMessage(socket.Number, &message, Libc.MSG_NOSIGNAL | Libc.MSG_DONTWAIT) == bytes.Length;
        }
    }

    /// <summary>Sends bytes, and a descriptor if there is one; the receiver gets its own, and this one stays the caller's.</summary>
    public static void Send(FileDescriptor socket, ReadOnlySpan<byte> bytes, FileDescriptor? descriptor)
    {
        byte* control = stackalloc byte[sizeof(Libc.ControlHeader) + 8];
        fixed (byte* start = bytes)
        {
            Libc.IoVector vector = new() { Base = start, Length = (nuint)bytes.Length };
            Libc.MessageHeader message = new() { Vectors = &vector, VectorCount = 1 };
            if (descriptor is not null)
            {
                *(Libc.ControlHeader*)control = new() { Length = (nuint)(sizeof(Libc.ControlHeader) + sizeof(int)), Level = Libc.SOL_SOCKET, Type = Libc.SCM_RIGHTS };
                *(int*)(control + sizeof(Libc.ControlHeader)) = descriptor.Number;
                message.Control = control;
                message.ControlLength = (nuint)(sizeof(Libc.ControlHeader) + 8);
            }
            _ = Libc.SendMessage(socket.Number, &message, Libc.MSG_NOSIGNAL);
        }
    }

    private static void Collect(in Libc.MessageHeader received, List<FileDescriptor> descriptors)
    {
        byte* at = (byte*)received.Control;
        byte* end = at + received.ControlLength;
        while (end - at >= sizeof(Libc.ControlHeader))
        {
            Libc.ControlHeader* header = (Libc.ControlHeader*)at;
            if (header->Level == Libc.SOL_SOCKET && header->Type == Libc.SCM_RIGHTS)
            {
                int* numbers = (int*)(header + 1);
                int count = ((int)header->Length - sizeof(Libc.ControlHeader)) / sizeof(int);
                for (int i = 0; i < count; i++)
                {
                    descriptors.Add(new FileDescriptor(numbers[i]));
                }
            }
            at += (header->Length + 7) & ~(nuint)7;
        }
    }
}
