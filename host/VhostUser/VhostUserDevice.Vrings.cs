using System.Buffers.Binary;
using Kaleidofs.Host.Linux;
using Kaleidofs.Host.Virtio;

namespace Kaleidofs.Host.VhostUser;

/// <summary>The messages about one virtqueue.</summary>
internal sealed partial class VhostUserDevice
{
    private const ulong VringIndexMask = 0xff;
    private const ulong VringNoDescriptor = 0x100;

    private string? HandleVring(VhostUserMessage message, ref ReadOnlySpan<byte> reply)
    {
        bool isDescriptorMessage = message.Request is VhostUserRequest.SetVringKick or VhostUserRequest.SetVringCall or VhostUserRequest.SetVringError;
        ulong index = isDescriptorMessage ? message.ReadUInt64(0) & VringIndexMask : message.ReadUInt32(0);
        if (index >= (ulong)_vrings.Length)
        {
            return $"queue {index} of {_vrings.Length}: give the device at most {_options.RequestQueues} request queues (num-request-queues), or serve with more (--queues)";
        }
        Vring vring = _vrings[index];
        if (isDescriptorMessage)
        {
            return SetVringDescriptor(vring, message);
        }
        uint number = message.ReadUInt32(4);
        switch (message.Request)
        {
            case VhostUserRequest.SetVringNum:
                return vring.SetSize(number, RingFeatures);
            case VhostUserRequest.SetVringBase:
                return vring.SetBase(number, RingFeatures);
            case VhostUserRequest.SetVringAddress:
                // struct vhost_vring_addr: index, flags, descriptor, used, available, log.
                return vring.SetAddresses(new RingAddresses(message.ReadUInt64(8), message.ReadUInt64(24), message.ReadUInt64(16)));
            case VhostUserRequest.SetVringEnable:
                if (number > 1)
                {
                    return $"an enable of {number}";
                }
                vring.SetEnabled(number == 1);
                return null;
            case VhostUserRequest.GetVringBase:
                reply = GetVringBase(vring, (uint)index);
                return null;
            default:
                return "no rule for this message";
        }
    }

    private string? SetVringDescriptor(Vring vring, VhostUserMessage message)
    {
        bool none = (message.ReadUInt64(0) & VringNoDescriptor) != 0;
        if (none != (message.Descriptors.Count == 0))
        {
            return $"{message.Descriptors.Count} file descriptors, against what its flag says";
        }
        if (!none && !Libc.TryMakeSignal(message.Descriptor(0)))
        {
            return "a file descriptor that is no eventfd";
        }
        FileDescriptor? descriptor = message.TakeDescriptor();
        switch (message.Request)
        {
            case VhostUserRequest.SetVringCall:
                vring.SetCall(descriptor);
                return null;
            case VhostUserRequest.SetVringError:
                vring.SetError(descriptor);
                return null;
            default:
                // Without the protocol's features there is no SET_VRING_ENABLE: a ring is enabled from its start.
                if (!_features.HasFlag(VhostUserFeatures.ProtocolFeatures))
                {
                    vring.SetEnabled(true);
                }
                if (vring.IsStarted)
                {
                    vring.Pause();
                    Finish(vring);
                }
                return vring.SetKick(descriptor, _memory, RingFeatures);
        }
    }

    private byte[] GetVringBase(Vring vring, uint index)
    {
        // Everything that was taken is answered first: what is in flight now would be lost to the guest for ever.
        vring.Pause();
        Finish(vring);
        byte[] reply = new byte[8];
        BinaryPrimitives.WriteUInt32LittleEndian(reply, index);
        BinaryPrimitives.WriteUInt32LittleEndian(reply.AsSpan(4), vring.Stop());
        if (!Array.Exists(_vrings, static ring => ring.IsStarted))
        {
            // The guest's driver is gone (a reboot): its successor starts anew, whether or not a reset is sent.
            _health.Reset();
            DetachAbandoned();
        }
        return reply;
    }
}
