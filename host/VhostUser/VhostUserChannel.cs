using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Kaleidofs.Host.Linux;

namespace Kaleidofs.Host.VhostUser;

/// <summary>The framing of vhost-user messages on a connected socket: a header of 12 bytes, a payload, and file descriptors beside them.</summary>
internal sealed class VhostUserChannel : IDisposable
{
    private const int HeaderSize = 12;
    private const uint VersionMask = 0x3;
    private const uint Version = 0x1;
    private const uint ReplyFlag = 0x4;
    private const uint NeedReplyFlag = 0x8;

    private readonly FileDescriptor _socket;
    private readonly FileDescriptor _stop;

    /// <param name="socket">The connection, which becomes the channel's.</param>
    /// <param name="stop">An eventfd whose signal ends every wait; the caller's.</param>
    public VhostUserChannel(FileDescriptor socket, FileDescriptor stop)
    {
        _socket = socket;
        _stop = stop;
    }

    /// <summary>Whether it was the server's end, not the peer's, that ended the last wait.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>Waits for a whole message.</summary>
    /// <returns>Whether there is one. If not, the connection is over: an error says why, unless it was closed between messages or stopped.</returns>
    public bool Receive(VhostUserMessage message, out string? error)
    {
        message.Clear();
        Span<byte> header = stackalloc byte[HeaderSize];
        if (!Fill(header, message, isStart: true, out error))
        {
            return false;
        }
        uint flags = BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);
        uint size = BinaryPrimitives.ReadUInt32LittleEndian(header[8..]);
        message.Request = (VhostUserRequest)BinaryPrimitives.ReadUInt32LittleEndian(header);
        message.NeedsReply = (flags & NeedReplyFlag) != 0;
        if ((flags & VersionMask) != Version || (flags & ReplyFlag) != 0)
        {
            error = $"message {message.Request}: flags 0x{flags:x}";
            return false;
        }
        if (size > VhostUserMessage.MaxPayload)
        {
            error = $"message {message.Request}: a payload of {size} bytes";
            return false;
        }
        message.Size = (int)size;
        return Fill(message.Buffer[..(int)size], message, isStart: false, out error);
    }

    /// <summary>Sends a message's answer.</summary>
    /// <returns>Whether the peer is there to take it.</returns>
    public bool Reply(VhostUserRequest request, ReadOnlySpan<byte> payload)
    {
        Span<byte> bytes = stackalloc byte[HeaderSize + payload.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)request);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[4..], Version | ReplyFlag);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[8..], payload.Length);
        payload.CopyTo(bytes[HeaderSize..]);
        // A reply is small and the peer waits for it: a socket buffer without room for it means a peer that is none.
        return DescriptorMessages.TrySend(_socket, bytes);
    }

    public void Dispose() => _socket.Dispose();

    private bool Fill(Span<byte> buffer, VhostUserMessage message, bool isStart, out string? error)
    {
        error = null;
        while (!buffer.IsEmpty)
        {
            if (!WaitReadable())
            {
                return false;
            }
            int count = ReceiveSome(buffer, message, out error);
            if (error is not null)
            {
                return false;
            }
            if (count == 0)
            {
                error = isStart ? null : "the connection was closed in the middle of a message";
                return false;
            }
            if (count > 0)
            {
                isStart = false;
                buffer = buffer[count..];
            }
        }
        return true;
    }

    private bool WaitReadable()
    {
        bool isReadable = Libc.WaitReadable(_socket, _stop, out bool isStopped);
        IsStopped = isStopped;
        return isReadable && !isStopped;
    }

    /// <summary>One recvmsg(2): bytes, 0 at the end, -1 to try again.</summary>
    private int ReceiveSome(Span<byte> buffer, VhostUserMessage message, out string? error)
    {
        int count = DescriptorMessages.Receive(_socket, buffer, message.Descriptors, Libc.MSG_DONTWAIT, out bool isTruncated);
        error = null;
        if (count < 0)
        {
            int number = Marshal.GetLastPInvokeError();
            error = number is Libc.EINTR or Libc.EAGAIN ? null : Marshal.GetPInvokeErrorMessage(number);
            return -1;
        }
        if (isTruncated || message.Descriptors.Count > DescriptorMessages.MaxDescriptors)
        {
            error = $"more than {DescriptorMessages.MaxDescriptors} file descriptors";
        }
        return count;
    }
}
