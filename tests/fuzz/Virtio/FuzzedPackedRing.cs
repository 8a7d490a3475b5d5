using Kaleidofs.Host.Virtio;
using Kaleidofs.Tests.Support.VhostUser;

namespace Kaleidofs.Tests.Fuzz.Virtio;

internal sealed unsafe class FuzzedPackedRing(Xorshift random, FuzzedMemory memory)
    : FuzzedRing(random, memory, new RingFeatures(random.OneIn(2), IsPacked: true), Beginning)
{
    private const uint Beginning = 0x8000_8000;
    private const ushort AvailableFlag = 1 << 7;
    private const ushort UsedFlag = 1 << 15;

    /// <summary>Where the device is: it alone moves on, and only over what it took.</summary>
    private (int Index, bool Wrap) Place => ((int)(Ring.Base & 0x7fff), (Ring.Base & 0x8000) != 0);

    public override void Offer(IReadOnlyList<RingBuffer> buffers)
    {
        bool isIndirect = TryPlaceTable(out ulong address, out byte* table);
        if (isIndirect)
        {
            for (int i = 0; i < buffers.Count; i++)
            {
                // Of an indirect table's flags only the direction counts.
                PackedDriverRing.SetDescriptor(table + 16 * i, buffers[i].Address, (uint)buffers[i].Length, (ushort)Random.Next(), (ushort)((buffers[i].IsWritable ? Writable : 0) | (Random.OneIn(2) ? HasNext : 0)));
            }
            Write(0, address, (uint)(16 * buffers.Count), Indirect);
            TakeBack(1);
            return;
        }
        for (int i = 0; i < buffers.Count; i++)
        {
            Write(i, buffers[i].Address, (uint)buffers[i].Length, (ushort)((i == buffers.Count - 1 ? 0 : HasNext) | (buffers[i].IsWritable ? Writable : 0)));
        }
        TakeBack(buffers.Count);
    }

    public override void OfferNonsense()
    {
        int count = Random.Between(1, Size);
        for (int i = 0; i < count; i++)
        {
            (ulong address, uint length, ushort flags, _) = Nonsense();
            Write(i, address, length, (ushort)(flags & ~(AvailableFlag | UsedFlag)));
        }
        TakeBack(count);
    }

    public override void CheckIndex()
    {
        for (int i = 0; i < Size; i++)
        {
            *(ushort*)(Descriptors + 16 * i + 14) = (ushort)Random.Next();
        }
        int count = Ring.CountAvailable(out string? fault);
        if (count < 0 || count > Size || fault is not null)
        {
            throw new FuzzException($"{count} requests in a packed ring of {Size}, {fault}");
        }
    }

    private void Write(int offset, ulong address, uint length, ushort flags)
    {
        (int index, bool wrap) = At(offset);
        PackedDriverRing.SetDescriptor(Descriptors + 16 * index, address, length, (ushort)Random.Next(), (ushort)(flags | (wrap ? AvailableFlag : UsedFlag)));
    }

    /// <summary>The descriptor after the chain is not available, whatever stood there.</summary>
    private void TakeBack(int offset)
    {
        if (offset < Size)
        {
            (int index, bool wrap) = At(offset);
            *(ushort*)(Descriptors + 16 * index + 14) = wrap ? (ushort)0 : (ushort)(AvailableFlag | UsedFlag);
        }
    }

    private (int Index, bool Wrap) At(int offset)
    {
        (int index, bool wrap) = Place;
        index += offset;
        return index < Size ? (index, wrap) : (index - Size, !wrap);
    }
}
