using System.Buffers.Binary;
using Kaleidofs.Host.VhostUser;
using Kaleidofs.Host.Virtio;
using Kaleidofs.Tests.Support.VhostUser;

namespace Kaleidofs.Tests.Fuzz.VhostUser;

/// <summary>Makes vhost-user messages: each kind as its rule has it, with one thing or another wrong.</summary>
internal sealed class MessageGenerator(Xorshift random, GuestRam ram, HostileDescriptors descriptors)
{
    private const int HeaderSize = 12;
    private const uint NeedsReply = 8;

    private static readonly VhostUserRequest[] Known = Enum.GetValues<VhostUserRequest>();

    /// <summary>Sends one.</summary>
    public void Send(FrontEnd frontEnd)
    {
        VhostUserRequest request = random.OneIn(20) ? (VhostUserRequest)random.Number() : random.Of<VhostUserRequest>(Known);
        MessageRule rule = MessageRule.Find(request) ?? new MessageRule(0, 64, 0, 1, false);
        int size = random.Below(10) switch
        {
            0 => random.Below(300),
            1 => Math.Max(0, rule.MinSize + random.Between(-8, 8)),
            2 => rule.MaxSize + random.Below(9),
            3 => random.Between(rule.MinSize, rule.MaxSize),
            _ => rule.MinSize,
        };
        byte[] message = new byte[HeaderSize + size];
        Span<byte> payload = message.AsSpan(HeaderSize);
        random.FillNumbers(payload);
        FillPlausibly(request, payload);
        BinaryPrimitives.WriteUInt32LittleEndian(message, (uint)request);
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(4), random.OneIn(100) ? (uint)random.Number() : 1 | (random.OneIn(2) ? NeedsReply : 0));
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(8), random.OneIn(100) ? (uint)random.Number() : (uint)size);
        int count = random.Below(12) switch { 0 => random.Below(4), 1 => random.OneIn(20) ? random.Between(15, 40) : 1, _ => Descriptors(request, payload, rule) };
        frontEnd.SendBytes(message, descriptors.Choose(random, count, request));
    }

    /// <summary>What the message needs, so that it gets past its own length.</summary>
    private static int Descriptors(VhostUserRequest request, ReadOnlySpan<byte> payload, MessageRule rule) => request switch
    {
        VhostUserRequest.SetVringKick or VhostUserRequest.SetVringCall or VhostUserRequest.SetVringError => payload.Length > 1 && (payload[1] & 1) != 0 ? 0 : 1,
        VhostUserRequest.SetMemoryTable => payload.Length > 0 ? Math.Min(payload[0], (byte)9) : 0,
        _ => rule.MinDescriptors,
    };

    private void FillPlausibly(VhostUserRequest request, Span<byte> payload)
    {
        if (payload.Length < 8 || random.OneIn(6))
        {
            return;
        }
        switch (request)
        {
            case VhostUserRequest.SetMemoryTable:
                int count = random.Below(4);
                BinaryPrimitives.WriteUInt64LittleEndian(payload, (ulong)count);
                for (int i = 0; i < count && 8 + 32 * (i + 1) <= payload.Length; i++)
                {
                    FillRegion(payload[(8 + 32 * i)..], random.OneIn(3) ? random.Below(ram.Regions.Count) : Math.Min(i, ram.Regions.Count - 1));
                }
                break;
            case VhostUserRequest.AddMemoryRegion or VhostUserRequest.RemoveMemoryRegion when payload.Length >= 40:
                FillRegion(payload[8..], random.Below(ram.Regions.Count));
                break;
            case VhostUserRequest.SetFeatures:
                BinaryPrimitives.WriteUInt64LittleEndian(payload, (ulong)VhostUserFeatures.Offered & random.Next());
                break;
            case VhostUserRequest.SetProtocolFeatures:
                BinaryPrimitives.WriteUInt64LittleEndian(payload, (ulong)ProtocolFeatures.Offered & (random.Next() | random.Next()));
                break;
            case VhostUserRequest.SetVringKick or VhostUserRequest.SetVringCall or VhostUserRequest.SetVringError:
                BinaryPrimitives.WriteUInt64LittleEndian(payload, (uint)random.Below(4) | (random.OneIn(4) ? 0x100ul : 0));
                break;
            default:
                BinaryPrimitives.WriteUInt32LittleEndian(payload, (uint)random.Below(4));
                BinaryPrimitives.WriteUInt32LittleEndian(payload[4..], request switch
                {
                    VhostUserRequest.SetVringNum => 1u << random.Below(10),
                    VhostUserRequest.SetVringEnable => (uint)random.Below(2),
                    VhostUserRequest.SetVringBase => (uint)(random.OneIn(2) ? random.Next() : (ulong)random.Below(1 << 16)),
                    _ => (uint)random.Number(),
                });
                if (request == VhostUserRequest.SetVringAddress && payload.Length >= 40)
                {
                    for (int word = 8; word < 32; word += 8)
                    {
                        BinaryPrimitives.WriteUInt64LittleEndian(payload[word..], ram.UserAddress((ulong)random.Below((int)ram.Size)) & (random.OneIn(8) ? ulong.MaxValue : ~15ul));
                    }
                }
                break;
        }
    }

    private void FillRegion(Span<byte> fields, int index)
    {
        MemoryRegionLayout region = ram.Regions[index];
        BinaryPrimitives.WriteUInt64LittleEndian(fields, Near(region.GuestAddress));
        BinaryPrimitives.WriteUInt64LittleEndian(fields[8..], Near(region.Size));
        BinaryPrimitives.WriteUInt64LittleEndian(fields[16..], Near(region.UserAddress));
        BinaryPrimitives.WriteUInt64LittleEndian(fields[24..], Near(region.FileOffset));
    }

    private ulong Near(ulong number) => random.Below(16) switch
    {
        0 => random.Number(),
        1 => number + (ulong)random.Below(9000) - 4500,
        _ => number,
    };
}
