using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Kaleidofs.Host.Linux;
using Kaleidofs.Host.VhostUser;
using Kaleidofs.Host.Virtio;

namespace Kaleidofs.Tests.Support.VhostUser;

/// <summary>The front end's side of a vhost-user connection: messages as well-formed, or as not, as the caller likes.</summary>
internal sealed unsafe class FrontEnd : IDisposable
{
    private const int HeaderSize = 12;
    private const uint VersionFlag = 1;
    private const uint NeedReplyFlag = 8;

    private readonly FileDescriptor _socket;

    private FrontEnd(FileDescriptor socket) => _socket = socket;

    public int Descriptor => _socket.Number;

    /// <summary>Connects, waiting for a server that is just starting.</summary>
    public static FrontEnd Connect(string path, Deadline deadline)
    {
        while (true)
        {
            FileDescriptor socket = Libc.CreateUnixSocket();
            if (Libc.Connect(socket.Number, Libc.UnixAddress.Of(path)) == 0)
            {
                return new FrontEnd(socket);
            }
            string error = Libc.LastError();
            socket.Dispose();
            if (deadline.HasPassed)
            {
                throw new IOException($"nobody answers at {path}: {error}");
            }
            Thread.Sleep(5);
        }
    }

    public static FrontEnd Connect(string path) => Connect(path, Deadline.After(TimeSpan.FromSeconds(10)));

    /// <summary>What QEMU says first: features, protocol features, owner; then the memory.</summary>
    public FrontEndFeatures Start(GuestRam ram, FrontEndOptions options)
    {
        VhostUserFeatures offered = (VhostUserFeatures)Query(VhostUserRequest.GetFeatures);
        ProtocolFeatures protocol = (ProtocolFeatures)Query(VhostUserRequest.GetProtocolFeatures);
        VhostUserFeatures features = VhostUserFeatures.ProtocolFeatures | VhostUserFeatures.Version1
            | (options.EventIndex ? VhostUserFeatures.RingEventIndex : 0)
            | (options.Packed ? VhostUserFeatures.RingPacked : 0)
            | (options.InOrder ? VhostUserFeatures.InOrder : 0)
            | (options.Indirect ? VhostUserFeatures.RingIndirectDescriptors : 0);
        features &= offered;
        protocol &= ProtocolFeatures.MultipleQueues | ProtocolFeatures.ReplyAcknowledge
            | (options.MemorySlots ? ProtocolFeatures.ConfigureMemorySlots : 0);
        Send(VhostUserRequest.SetProtocolFeatures, (ulong)protocol);
        FrontEndFeatures agreed = new(features, protocol, protocol.HasFlag(ProtocolFeatures.MultipleQueues) ? (int)Query(VhostUserRequest.GetQueueNum) : 1);
        Send(VhostUserRequest.SetOwner);
        Send(VhostUserRequest.SetFeatures, (ulong)features);
        if (agreed.Protocol.HasFlag(ProtocolFeatures.ConfigureMemorySlots))
        {
            foreach (MemoryRegionLayout region in ram.Regions)
            {
                Require(AddRegion(region, ram.File.Number), "ADD_MEM_REG");
            }
        }
        else
        {
            Require(SetTable(ram.Regions, ram.File.Number), "SET_MEM_TABLE");
        }
        return agreed;
    }

    public ulong AddRegion(MemoryRegionLayout region, int file) => Acknowledged(VhostUserRequest.AddMemoryRegion, [0, .. Words(region)], [file]);

    public ulong RemoveRegion(MemoryRegionLayout region) => Acknowledged(VhostUserRequest.RemoveMemoryRegion, [0, .. Words(region)], []);

    public ulong SetTable(IReadOnlyList<MemoryRegionLayout> regions, int file)
        => Acknowledged(VhostUserRequest.SetMemoryTable, [(ulong)regions.Count, .. regions.SelectMany(Words)], [.. regions.Select(_ => file)]);

    /// <summary>Gives the device a ring and starts it.</summary>
    public void StartQueue(DriverRing ring)
    {
        ulong index = (uint)ring.Index;
        Send(VhostUserRequest.SetVringNum, index | (ulong)ring.Size << 32);
        Send(VhostUserRequest.SetVringBase, index | (ulong)ring.Position << 32);
        Send(VhostUserRequest.SetVringAddress, [index, ring.DescriptorAddress, ring.DeviceAddress, ring.DriverAddress, 0]);
        Send(VhostUserRequest.SetVringCall, [index], [ring.Call.Number]);
        Send(VhostUserRequest.SetVringKick, [index], [ring.Kick.Number]);
        Require(Acknowledged(VhostUserRequest.SetVringEnable, [index | 1ul << 32], []), "SET_VRING_ENABLE");
    }

    /// <summary>Stops a ring as QEMU does; returns where the device would have gone on.</summary>
    public uint StopQueue(int index)
    {
        Send(VhostUserRequest.SetVringEnable, (ulong)(uint)index);
        Send(VhostUserRequest.GetVringBase, (ulong)(uint)index);
        return BinaryPrimitives.ReadUInt32LittleEndian(ReceiveReply(VhostUserRequest.GetVringBase).AsSpan(4));
    }

    public ulong Query(VhostUserRequest request)
    {
        Send(request);
        return BinaryPrimitives.ReadUInt64LittleEndian(ReceiveReply(request));
    }

    /// <summary>Sends with NEED_REPLY and returns the answer: 0 is success. Without REPLY_ACK a query serves as the barrier.</summary>
    public ulong Acknowledged(VhostUserRequest request, ReadOnlySpan<ulong> words, ReadOnlySpan<int> descriptors)
    {
        SendRaw((uint)request, VersionFlag | NeedReplyFlag, MemoryMarshal.AsBytes(words), descriptors);
        return BinaryPrimitives.ReadUInt64LittleEndian(ReceiveReply(request));
    }

    public void Send(VhostUserRequest request, params ReadOnlySpan<ulong> words) => Send(request, words, []);

    public void Send(VhostUserRequest request, ReadOnlySpan<ulong> words, ReadOnlySpan<int> descriptors)
        => SendRaw((uint)request, VersionFlag, MemoryMarshal.AsBytes(words), descriptors);

    /// <summary>A message with any header; the size is that of the payload.</summary>
    public void SendRaw(uint request, uint flags, ReadOnlySpan<byte> payload, ReadOnlySpan<int> descriptors)
    {
        byte[] bytes = new byte[HeaderSize + payload.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, request);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), flags);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), payload.Length);
        payload.CopyTo(bytes.AsSpan(HeaderSize));
        SendBytes(bytes, descriptors);
    }

    /// <summary>Any bytes at all, descriptors with the first of them. A peer that has closed is no error here.</summary>
    public void SendBytes(ReadOnlySpan<byte> bytes, ReadOnlySpan<int> descriptors)
    {
        int controlSize = sizeof(Libc.ControlHeader) + ((descriptors.Length * sizeof(int) + 7) & ~7);
        byte* control = stackalloc byte[controlSize];
        fixed (byte* start = bytes)
        {
            Libc.IoVector vector = new() { Base = start, Length = (nuint)bytes.Length };
            Libc.MessageHeader message = new() { Vectors = &vector, VectorCount = 1 };
            if (!descriptors.IsEmpty)
            {
                *(Libc.ControlHeader*)control = new()
                {
                    Length = (nuint)(sizeof(Libc.ControlHeader) + descriptors.Length * sizeof(int)),
                    Level = Libc.SOL_SOCKET,
                    Type = Libc.SCM_RIGHTS,
                };
                descriptors.CopyTo(new Span<int>(control + sizeof(Libc.ControlHeader), descriptors.Length));
                message.Control = control;
                message.ControlLength = (nuint)controlSize;
            }
            _ = Libc.SendMessage(_socket.Number, &message, Libc.MSG_NOSIGNAL);
        }
    }

    public byte[] ReceiveReply(VhostUserRequest request)
    {
        byte[] header = ReceiveExactly(HeaderSize) ?? throw new IOException($"the device closed the connection instead of answering {request}");
        uint got = BinaryPrimitives.ReadUInt32LittleEndian(header);
        if (got != (uint)request)
        {
            throw new IOException($"an answer to {(VhostUserRequest)got} instead of {request}");
        }
        Debug.Assert((BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(4)) & 4) != 0, "An answer without the reply flag");
        return ReceiveExactly(BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(8))) ?? [];
    }

    /// <summary>Whether the device sends nothing and closes, in time.</summary>
    public bool IsClosedByPeer(Deadline deadline)
    {
        byte octet;
        return WaitReadable(deadline) && Libc.Read(_socket.Number, &octet, 1) <= 0;
    }

    /// <summary>Whether something is there to be received, in time.</summary>
    public bool WaitReadable(Deadline deadline)
    {
        Libc.PollDescriptor descriptor = new() { Descriptor = _socket.Number, Events = Libc.POLLIN };
        return Libc.Poll(&descriptor, 1, (int)deadline.Remaining.TotalMilliseconds) == 1;
    }

    public void Dispose() => _socket.Dispose();

    private byte[]? ReceiveExactly(int count)
    {
        byte[] bytes = new byte[count];
        Deadline deadline = Deadline.After(TimeSpan.FromSeconds(30));
        for (int done = 0; done < count;)
        {
            if (!WaitReadable(deadline))
            {
                throw new TimeoutException("the device does not answer");
            }
            fixed (byte* start = bytes)
            {
                int read = (int)Libc.Read(_socket.Number, start + done, (nuint)(count - done));
                if (read <= 0)
                {
                    return null;
                }
                done += read;
            }
        }
        return bytes;
    }

    private static ulong[] Words(MemoryRegionLayout region) => [region.GuestAddress, region.Size, region.UserAddress, region.FileOffset];

    private static void Require(ulong status, string what)
    {
        if (status != 0)
        {
            throw new IOException($"the device refused {what}");
        }
    }
}
