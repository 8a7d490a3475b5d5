using Kaleidofs.Host.Virtio;
using Kaleidofs.Tests.Support.VhostUser;

namespace Kaleidofs.Tests.Fuzz.Virtio;

internal sealed unsafe class FuzzedSplitRing(Xorshift random, FuzzedMemory memory)
    : FuzzedRing(random, memory, new RingFeatures(random.OneIn(2)), 0)
{
    private ushort _next;

    public override void Offer(IReadOnlyList<RingBuffer> buffers)
    {
        bool isIndirect = TryPlaceTable(out ulong address, out byte* table);
        // An indirect table begins with its first descriptor; else a chain goes through the table in any order.
        int kept = isIndirect ? 1 : 0;
        ushort[] order = [.. Enumerable.Range(0, Size).Select(i => (ushort)i)];
        for (int i = Size - 1; i > kept; i--)
        {
            int other = Random.Between(kept, i);
            (order[i], order[other]) = (order[other], order[i]);
        }
        byte* entries = isIndirect ? table : Descriptors;
        FillWithNonsense(entries);
        for (int i = 0; i < buffers.Count; i++)
        {
            bool isLast = i == buffers.Count - 1;
            ushort flags = (ushort)((isLast ? 0 : HasNext) | (buffers[i].IsWritable ? Writable : 0));
            SplitDriverRing.SetDescriptor(entries + 16 * order[i], buffers[i].Address, (uint)buffers[i].Length, flags, isLast ? (ushort)Random.Next() : order[i + 1]);
        }
        if (isIndirect)
        {
            SplitDriverRing.SetDescriptor(Descriptors + 16 * order[0], address, (uint)(16 * Size), Indirect, 0);
        }
        Publish(order[0]);
    }

    public override void OfferNonsense()
    {
        ushort head = (ushort)(Random.OneIn(20) ? Random.Number() : (ulong)Random.Below(Size));
        FillWithNonsense(Descriptors);
        if (TryPlaceTable(out ulong address, out byte* table))
        {
            FillWithNonsense(table);
            SplitDriverRing.SetDescriptor(Descriptors + 16 * (head & (Size - 1)), address, (uint)(16 * Size), Indirect, 0);
        }
        Publish(head);
    }

    public override void CheckIndex()
    {
        ushort index = (ushort)Random.Number();
        *(ushort*)(Driver + 2) = index;
        int ahead = (ushort)(index - _next);
        int count = Ring.CountAvailable(out string? fault);
        if ((fault is null) != (ahead <= Size) || count != (ahead <= Size ? ahead : 0))
        {
            throw new FuzzException($"an index {ahead} ahead in a ring of {Size} counts {count}, {fault}");
        }
    }

    private void FillWithNonsense(byte* entries)
    {
        for (int i = 0; i < Size; i++)
        {
            (ulong address, uint length, ushort flags, ushort link) = Nonsense();
            SplitDriverRing.SetDescriptor(entries + 16 * i, address, length, flags, link);
        }
    }

    private void Publish(ushort head)
    {
        *(ushort*)(Driver + 4 + 2 * (_next & (Size - 1))) = head;
        *(ushort*)(Driver + 2) = ++_next;
    }
}
