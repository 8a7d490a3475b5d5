using System.Runtime.InteropServices;
using Kaleidofs.Host.Virtio;

namespace Kaleidofs.Tests.Fuzz.Virtio;

/// <summary>A driver's side of a ring that offers chains right in every detail, and others of which anything may be wrong.</summary>
internal abstract unsafe class FuzzedRing
{
    protected const ushort HasNext = 1;
    protected const ushort Writable = 2;
    protected const ushort Indirect = 4;

    private readonly ulong _free;

    /// <param name="random">The episode's numbers.</param>
    /// <param name="memory">The guest's memory; the ring lies at the beginning of its first region.</param>
    /// <param name="features">What was negotiated.</param>
    /// <param name="position">Where the ring begins.</param>
    protected FuzzedRing(Xorshift random, FuzzedMemory memory, RingFeatures features, uint position)
    {
        Random = random;
        Memory = memory;
        Size = 1 << random.Between(0, 7);
        MemoryRegion region = memory.Regions[0];
        ulong driverBytes = features.IsPacked ? RingAddresses.EventSuppressionBytes : RingAddresses.AvailableBytes(Size);
        ulong descriptors = 16ul * (ulong)random.Below(64);
        ulong driver = (descriptors + RingAddresses.DescriptorBytes(Size) + 4ul * (ulong)random.Below(64) + 3) & ~3ul;
        ulong device = (driver + driverBytes + 3 + 4ul * (ulong)random.Below(64)) & ~3ul;
        _free = device + (features.IsPacked ? RingAddresses.EventSuppressionBytes : RingAddresses.UsedBytes(Size));
        Addresses = new RingAddresses(region.Layout.UserAddress + descriptors, region.Layout.UserAddress + driver, region.Layout.UserAddress + device);
        Descriptors = memory.At(region, descriptors);
        Driver = memory.At(region, driver);
        FirstArea = (int)(region.Layout.FileOffset + descriptors);
        // A packed ring's descriptors are the device's to write, a split one's are not.
        FirstWritten = (int)(region.Layout.FileOffset + (features.IsPacked ? descriptors : device));
        EndWritten = (int)(region.Layout.FileOffset + _free);
        Ring = Ring.Open(memory.Memory, Addresses, Size, features, position & PositionMask(features), out string? refused)
            ?? throw new FuzzException($"a ring inside the memory was refused: {refused}");
    }

    public Ring Ring { get; }

    public int Size { get; }

    /// <summary>The first byte of the memory's file that the device may write to, at the end of which may be some of the driver's.</summary>
    public int FirstWritten { get; }

    /// <summary>The ring's first byte in the memory's file.</summary>
    public int FirstArea { get; }

    /// <summary>Where they end.</summary>
    public int EndWritten { get; }

    protected Xorshift Random { get; }

    protected FuzzedMemory Memory { get; }

    protected RingAddresses Addresses { get; }

    protected byte* Descriptors { get; }

    protected byte* Driver { get; }

    public static FuzzedRing Create(Xorshift random, FuzzedMemory memory)
        => random.OneIn(2) ? new FuzzedPackedRing(random, memory) : new FuzzedSplitRing(random, memory);

    /// <summary>Makes a correct chain available.</summary>
    public abstract void Offer(IReadOnlyList<RingBuffer> buffers);

    /// <summary>Makes something available.</summary>
    public abstract void OfferNonsense();

    /// <summary>A driver's index of any kind; what the device must make of it.</summary>
    public abstract void CheckIndex();

    /// <summary>Buffers that lie in the memory, the writable ones last.</summary>
    public List<RingBuffer> Buffers()
    {
        List<RingBuffer> buffers = [];
        int count = Random.Between(1, Size);
        int readable = Random.Below(count + 1);
        for (int i = 0; i < count; i++)
        {
            MemoryRegionLayout layout = Memory.Regions[Random.Below(Memory.Regions.Count)].Layout;
            ulong offset = (ulong)Random.Below((int)layout.Size);
            buffers.Add(new RingBuffer(layout.GuestAddress + offset, (ulong)Random.Below((int)Math.Min(layout.Size - offset, 5000) + 1), i >= readable));
        }
        return buffers;
    }

    /// <summary>A descriptor of which anything may be wrong: where in one, depends on the format.</summary>
    protected (ulong Address, uint Length, ushort Flags, ushort Link) Nonsense()
    {
        ushort flags = (ushort)(Random.OneIn(10) ? Random.Next() : (ulong)((Random.OneIn(3) ? 0 : HasNext) | (Random.OneIn(2) ? Writable : 0) | (Random.OneIn(12) ? Indirect : 0)));
        uint length = Random.Below(4) switch { 0 => (uint)Random.Number(), 1 => (uint)Random.Between(0, 8) * 16, _ => (uint)Random.Below(6000) };
        return (Memory.Address(Random), length, flags, (ushort)(Random.OneIn(20) ? Random.Number() : (ulong)Random.Below(Size)));
    }

    /// <summary>Room for a table of as many descriptors as the ring has, now and then, and not in the ring.</summary>
    protected bool TryPlaceTable(out ulong address, out byte* table)
    {
        MemoryRegion region = Memory.Regions[Random.Below(Memory.Regions.Count)];
        ulong first = region == Memory.Regions[0] ? _free : 0;
        ulong bytes = 16ul * (ulong)Size;
        address = 0;
        table = null;
        if (!Random.OneIn(3) || first + bytes > region.Layout.Size)
        {
            return false;
        }
        ulong offset = first + (ulong)Random.Below((int)(region.Layout.Size - first - bytes) + 1);
        address = region.Layout.GuestAddress + offset;
        table = Memory.At(region, offset);
        return true;
    }

    private static uint PositionMask(RingFeatures features) => features.IsPacked ? uint.MaxValue : ushort.MaxValue;
}

/// <summary>A buffer of a chain.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RingBuffer(ulong Address, ulong Length, bool IsWritable);
