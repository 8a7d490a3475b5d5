using System.Buffers.Binary;
using Kaleidofs.Host.Linux;

namespace Kaleidofs.Host.VhostUser;

/// <summary>One message as it came in; reused for the next. It owns the descriptors that came along until they are taken.</summary>
internal sealed class VhostUserMessage : IDisposable
{
    /// <summary>No message that this device knows is longer.</summary>
    public const int MaxPayload = 4096;

    private readonly byte[] _payload = new byte[MaxPayload];
    private readonly List<FileDescriptor> _descriptors = [];

    public VhostUserRequest Request { get; set; }

    /// <summary>The sender wants an acknowledgement (if REPLY_ACK was negotiated).</summary>
    public bool NeedsReply { get; set; }

    public int Size { get; set; }

    /// <summary>Where descriptors are received to.</summary>
    public List<FileDescriptor> Descriptors => _descriptors;

    /// <summary>Where the payload is received to.</summary>
    public Span<byte> Buffer => _payload;

    public ReadOnlySpan<byte> Payload => _payload.AsSpan(0, Size);

    public uint ReadUInt32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(Payload[offset..]);

    public ulong ReadUInt64(int offset) => BinaryPrimitives.ReadUInt64LittleEndian(Payload[offset..]);

    /// <summary>A descriptor, still the message's; closed with it.</summary>
    public FileDescriptor Descriptor(int index) => _descriptors[index];

    /// <summary>The only descriptor, which becomes the caller's; null if there is none.</summary>
    public FileDescriptor? TakeDescriptor()
    {
        if (_descriptors.Count == 0)
        {
            return null;
        }
        FileDescriptor first = _descriptors[0];
        _descriptors.RemoveAt(0);
        return first;
    }

    /// <summary>Closes what came along and was not taken.</summary>
    public void CloseDescriptors()
    {
        foreach (FileDescriptor descriptor in _descriptors)
        {
            descriptor.Dispose();
        }
        _descriptors.Clear();
    }

    /// <summary>Empties it for the next message.</summary>
    public void Clear()
    {
        CloseDescriptors();
        Size = 0;
        NeedsReply = false;
        Request = default;
    }

    public void Dispose() => Clear();
}
