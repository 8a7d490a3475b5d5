using System.Buffers.Binary;
using System.Text;
using Kaleidofs.Engine;
using Kaleidofs.Host.Linux;
using Kaleidofs.Host.Virtio;

namespace Kaleidofs.Host.VhostUser;

/// <summary>A vhost-user-fs device for as long as one front end is connected. Used by the control thread alone.</summary>
internal sealed partial class VhostUserDevice : IDisposable
{
    /// <summary>hiprio, before the request queues (virtio 1.3, 5.11.2).</summary>
    private const int HighPriorityQueues = 1;

    private readonly FuseSession _session;
    private readonly VhostUserDeviceOptions _options;
    private readonly DriverLog _log;
    private readonly DeviceHealth _health;
    private readonly Vring[] _vrings;
    private VhostUserFeatures _features;
    private ProtocolFeatures _protocolFeatures;
    private GuestMemory? _memory;
    private FileDescriptor? _backendChannel;

    public VhostUserDevice(FuseSession session, VhostUserDeviceOptions options, DriverLog log)
    {
        _session = session;
        _options = options;
        _log = log;
        _health = new DeviceHealth(options.Name, log);
        QueueWorkerOptions workerOptions = new(options.Name, _health, new OutstandingQuota(), options.PollMicroseconds);
        _vrings = new Vring[HighPriorityQueues + options.RequestQueues];
        for (int i = 0; i < _vrings.Length; i++)
        {
            _vrings[i] = new Vring(i, index =>
            {
                QueueWorker worker = new(index, _session, workerOptions);
                worker.Start();
                return worker;
            });
        }
    }

    /// <summary>Whether acknowledgements may be asked for.</summary>
    public bool Acknowledges => _protocolFeatures.HasFlag(ProtocolFeatures.ReplyAcknowledge);

    private ProtocolFeatures OfferedProtocolFeatures
        => ProtocolFeatures.Offered | (_options.Tag is null ? ProtocolFeatures.None : ProtocolFeatures.Config);

    private VhostUserFeatures OfferedFeatures
        => VhostUserFeatures.Offered | (_options.InOrder ? VhostUserFeatures.InOrder : VhostUserFeatures.None);

    private RingFeatures RingFeatures => new(
        _features.HasFlag(VhostUserFeatures.RingEventIndex),
        _features.HasFlag(VhostUserFeatures.RingPacked),
        _features.HasFlag(VhostUserFeatures.InOrder));

    /// <summary>Does what a well-formed message says.</summary>
    /// <param name="message">The message; descriptors that are kept are taken out of it.</param>
    /// <param name="reply">The answer's payload, for the messages that have one.</param>
    /// <returns>Why it was refused; null if it was not.</returns>
    public string? Handle(VhostUserMessage message, ref ReadOnlySpan<byte> reply)
    {
        switch (message.Request)
        {
            case VhostUserRequest.GetFeatures:
                reply = Bytes((ulong)OfferedFeatures);
                return null;
            case VhostUserRequest.SetFeatures:
                return SetFeatures((VhostUserFeatures)message.ReadUInt64(0));
            case VhostUserRequest.GetProtocolFeatures:
                reply = Bytes((ulong)OfferedProtocolFeatures);
                return null;
            case VhostUserRequest.SetProtocolFeatures:
                return SetProtocolFeatures((ProtocolFeatures)message.ReadUInt64(0));
            case VhostUserRequest.GetQueueNum:
                reply = Bytes((ulong)_vrings.Length);
                return null;
            case VhostUserRequest.GetMaxMemorySlots:
                reply = Bytes(GuestMemory.MaxRegions);
                return null;
            case VhostUserRequest.SetOwner:
                return null;
            case VhostUserRequest.SetBackendRequestFd:
                // There is nothing to ask the front end for, but it takes the channel's end for a failure (QEMU logs one).
                _backendChannel?.Dispose();
                _backendChannel = message.TakeDescriptor();
                return null;
            case VhostUserRequest.ResetOwner:
            case VhostUserRequest.ResetDevice:
                Reset();
                return null;
            case VhostUserRequest.SetMemoryTable:
                return SetMemoryTable(message);
            case VhostUserRequest.AddMemoryRegion:
                return AddMemoryRegion(message);
            case VhostUserRequest.RemoveMemoryRegion:
                return RemoveMemoryRegion(message);
            case VhostUserRequest.GetConfig:
                reply = GetConfig(message);
                return null;
            case VhostUserRequest.SetConfig:
                return "the configuration is read-only";
            default:
                return HandleVring(message, ref reply);
        }
    }

    /// <summary>The front end is gone: what waits is cancelled, and whatever it had is given up once nothing uses it.</summary>
    public void Dispose()
    {
        Pause();
        _session.Reset();
        foreach (Vring vring in _vrings)
        {
            vring.Close();
        }
        _memory?.Release();
        _memory = null;
        // What a driver still writes for requests of this guest, it writes into nobody's memory.
        _mapped.ForEach(static region => region.Detach());
        _backendChannel?.Dispose();
    }

    /// <summary>Takes no more requests and lets those in flight finish, if they do so in time.</summary>
    public void Drain()
    {
        Pause();
        Finish(_vrings);
    }

    private static byte[] Bytes(ulong value)
    {
        byte[] bytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return bytes;
    }

    private string? SetFeatures(VhostUserFeatures features)
    {
        if ((features & ~OfferedFeatures) != 0)
        {
            return $"features that were not offered: 0x{(ulong)(features & ~OfferedFeatures):x}";
        }
        _features = features;
        return null;
    }

    private string? SetProtocolFeatures(ProtocolFeatures features)
    {
        if ((features & ~OfferedProtocolFeatures) != 0)
        {
            return $"protocol features that were not offered: 0x{(ulong)(features & ~OfferedProtocolFeatures):x}";
        }
        _protocolFeatures = features;
        return null;
    }

    private void Reset()
    {
        Pause();
        _session.Reset();
        Finish(_vrings);
        foreach (Vring vring in _vrings)
        {
            vring.Reset();
        }
        DetachAbandoned();
        _health.Reset();
    }

    private void Pause()
    {
        foreach (Vring vring in _vrings)
        {
            vring.Pause();
        }
    }

    /// <summary>Waits until nothing of the paused rings is in flight, and cancels what takes too long: it is answered all the same.</summary>
    private void Finish(params ReadOnlySpan<Vring> vrings)
    {
        if (TryDrain(vrings))
        {
            return;
        }
        _session.CancelWaiting();
        if (!TryDrain(vrings))
        {
            _log.Warning($"{_options.Name}: requests that do not end even when cancelled are given up; the guest gets no answer to them");
        }
    }

    private bool TryDrain(ReadOnlySpan<Vring> vrings)
    {
        long end = Environment.TickCount64 + (long)_options.DrainTimeout.TotalMilliseconds;
        foreach (Vring vring in vrings)
        {
            if (!vring.TryDrain(TimeSpan.FromMilliseconds(Math.Max(0, end - Environment.TickCount64))))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>struct virtio_fs_config (linux/virtio_fs.h): tag[36], num_request_queues.</summary>
    private byte[] GetConfig(VhostUserMessage message)
    {
        const int TagSize = 36;
        const int ConfigSize = TagSize + sizeof(uint);
        const int HeaderSize = 12;
        uint offset = message.ReadUInt32(0);
        uint size = message.ReadUInt32(4);
        if (_options.Tag is null || size != message.Size - HeaderSize || offset > ConfigSize || size > ConfigSize - offset)
        {
            // The specification's answer to a configuration that cannot be had: no payload.
            return [];
        }
        byte[] config = new byte[ConfigSize];
        byte[] tag = Encoding.UTF8.GetBytes(_options.Tag);
        tag.AsSpan(0, Math.Min(tag.Length, TagSize)).CopyTo(config);
        BinaryPrimitives.WriteUInt32LittleEndian(config.AsSpan(TagSize), (uint)_options.RequestQueues);
        byte[] reply = message.Payload.ToArray();
        config.AsSpan((int)offset, (int)size).CopyTo(reply.AsSpan(HeaderSize));
        return reply;
    }
}
