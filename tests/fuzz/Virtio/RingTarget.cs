using Kaleidofs.Host.Virtio;
using Kaleidofs.Protocol;

namespace Kaleidofs.Tests.Fuzz.Virtio;

/// <summary>The memory map and the rings by themselves: addresses, descriptor tables and indices of every kind.</summary>
internal sealed class RingTarget : FuzzTarget
{
    private const int Addresses = 200;
    private const int Chains = 300;

    private readonly VirtioRequest _request = new(null!);

    public override string Name => "ring";

    public override int Run(Xorshift random)
    {
        using FuzzedMemory memory = new(random);
        CheckAddresses(random, memory);
        CheckPlaces(random, memory);
        FuzzedRing ring = FuzzedRing.Create(random, memory);
        for (int i = 0; i < Chains; i++)
        {
            CheckChain(random, memory, ring);
        }
        for (int i = 0; i < 10; i++)
        {
            ring.CheckIndex();
        }
        return Addresses + Chains;
    }

    public override void Dispose()
    {
    }

    private static void CheckAddresses(Xorshift random, FuzzedMemory memory)
    {
        int hint = random.Below(20) - 5;
        for (int i = 0; i < Addresses; i++)
        {
            ulong address = memory.Address(random);
            uint length = (uint)random.Number();
            uint got = memory.Memory.Resolve(address, length, ref hint, out nint pointer);
            (ulong expected, nint place) = memory.Model(address, length);
            if (got != expected || (got > 0 && pointer != place))
            {
                throw new FuzzException($"{length} bytes at 0x{address:x} resolve to {got} instead of {expected}");
            }
            MemoryRegionLayout layout = memory.Regions[random.Below(memory.Regions.Count)].Layout;
            ulong user = random.OneIn(4) ? random.Number() : layout.UserAddress + random.Number() % (layout.Size + 10);
            ulong size = random.OneIn(2) ? random.Number() : (ulong)random.Below((int)layout.Size + 2);
            bool isInside = memory.Regions.Any(region => user - region.Layout.UserAddress < region.Layout.Size && size <= region.Layout.Size - (user - region.Layout.UserAddress));
            if (memory.Memory.TryResolveUser(user, size, out nint found) != isInside)
            {
                throw new FuzzException($"{size} bytes at the front end's 0x{user:x}: {!isInside}, which is wrong");
            }
            if (isInside)
            {
                memory.GuestAddressOf(found, size);
            }
        }
    }

    /// <summary>A ring that is anywhere is taken only if all of it is in the memory.</summary>
    private static void CheckPlaces(Xorshift random, FuzzedMemory memory)
    {
        for (int i = 0; i < 10; i++)
        {
            MemoryRegionLayout layout = memory.Regions[random.Below(memory.Regions.Count)].Layout;
            RingAddresses anywhere = new(layout.UserAddress + random.Number(), layout.UserAddress + random.Number(), layout.UserAddress + random.Number());
            RingFeatures features = new(random.OneIn(2), random.OneIn(2));
            int size = random.Between(1, Ring.MaxSize);
            bool isInside = anywhere.Validate(features.IsPacked) is null && anywhere.TryResolve(memory.Memory, size, features.IsPacked, out _);
            Ring? ring = Ring.Open(memory.Memory, anywhere, size, features, random.OneIn(2) ? null : (uint)random.Number(), out string? refused);
            if (ring is null == refused is null || (ring is not null && !isInside))
            {
                throw new FuzzException($"a ring of {size} at {anywhere}: {refused}");
            }
        }
    }

    /// <summary>A correct chain is read as it is; of another one nothing is taken that is not the guest's memory; giving back writes into the ring alone.</summary>
    private void CheckChain(Xorshift random, FuzzedMemory memory, FuzzedRing ring)
    {
        List<RingBuffer>? expected = random.OneIn(2) ? ring.Buffers() : null;
        if (expected is null)
        {
            ring.OfferNonsense();
        }
        else
        {
            ring.Offer(expected);
        }
        if (!ring.Ring.HasAvailable || ring.Ring.CountAvailable(out string? fault) < 1 || fault is not null)
        {
            throw new FuzzException("a request that was made available is not seen");
        }
        fault = ring.Ring.Take(memory.Memory, _request);
        if (fault is not null)
        {
            if (expected is not null)
            {
                throw new FuzzException($"a correct chain was refused: {fault}");
            }
            return;
        }
        List<RingBuffer> found = [];
        foreach (SegmentList list in (SegmentList[])[_request.Readable, _request.Writable])
        {
            foreach (BufferSegment segment in list.Segments)
            {
                Append(found, new RingBuffer(memory.GuestAddressOf(segment.Pointer, (ulong)segment.Length), (ulong)segment.Length, list == _request.Writable));
            }
        }
        if (expected is not null)
        {
            List<RingBuffer> wanted = [];
            expected.ForEach(buffer => Append(wanted, buffer));
            if (!found.SequenceEqual(wanted))
            {
                throw new FuzzException($"a chain of {string.Join(' ', wanted)} was read as {string.Join(' ', found)}");
            }
        }
        GiveBack(random, memory, ring);
    }

    /// <summary>Adds a buffer, as one with the last where it goes on from there.</summary>
    private static void Append(List<RingBuffer> buffers, RingBuffer added)
    {
        if (added.Length == 0)
        {
            return;
        }
        if (buffers.Count > 0 && buffers[^1] is var last && last.Address + last.Length == added.Address && last.IsWritable == added.IsWritable)
        {
            buffers[^1] = last with { Length = last.Length + added.Length };
            return;
        }
        buffers.Add(added);
    }

    private void GiveBack(Xorshift random, FuzzedMemory memory, FuzzedRing ring)
    {
        byte[]? before = random.OneIn(16) ? memory.Bytes.ToArray() : null;
        ring.Ring.AddUsed(_request, (int)random.Next());
        ring.Ring.Publish(out _);
        ring.Ring.EnableKicks();
        ring.Ring.DisableKicks();
        if (before is not null && (!memory.Bytes[..ring.FirstWritten].SequenceEqual(before.AsSpan(0, ring.FirstWritten)) || !memory.Bytes[ring.EndWritten..].SequenceEqual(before.AsSpan(ring.EndWritten))))
        {
            throw new FuzzException("giving requests back wrote outside the ring");
        }
    }
}
