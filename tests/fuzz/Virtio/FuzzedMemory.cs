using Kaleidofs.Host.Virtio;
using Kaleidofs.Tests.Support.VhostUser;

namespace Kaleidofs.Tests.Fuzz.Virtio;

/// <summary>A guest's memory in regions as odd as the rules allow, and a slow, obvious model of it.</summary>
internal sealed unsafe class FuzzedMemory : IDisposable
{
    public const int Size = 256 << 10;

    private readonly GuestRam _ram = new(Size);
    private readonly List<MemoryRegion> _regions = [];

    public FuzzedMemory(Xorshift random)
    {
        ulong guest = random.OneIn(8) ? ulong.MaxValue - Size * 4 : (ulong)random.Between(0, 1 << 20) << 12;
        ulong user = 0x7f00_0000_0000;
        int count = random.Between(1, 8);
        for (int i = 0; i < count; i++)
        {
            ulong size = (ulong)(Size / count) - (random.OneIn(3) ? 0 : (ulong)random.Below(5000));
            MemoryRegionLayout layout = new(guest, size, user, (ulong)(i * (Size / count)));
            _regions.Add(MemoryRegion.Map(layout, _ram.File, out string? error) ?? throw new FuzzException($"a region was refused: {error}"));
            // Adjoining in the guest or with a hole, never in the front end.
            guest += size + (random.OneIn(2) ? 0 : (ulong)random.Below(10_000));
            user += 0x1000_0000;
        }
        MemoryRegion[] shuffled = [.. _regions.OrderBy(_ => random.Next())];
        Array.ForEach(shuffled, region => region.Retain());
        Memory = new GuestMemory(shuffled);
    }

    public GuestMemory Memory { get; }

    public IReadOnlyList<MemoryRegion> Regions => _regions;

    /// <summary>All of the file, in a mapping of its own.</summary>
    public Span<byte> Bytes => _ram.Span(0, Size);

    /// <summary>The byte behind a guest address in that mapping.</summary>
    public byte* At(MemoryRegion region, ulong offset) => _ram.Pointer(region.Layout.FileOffset + offset);

    /// <summary>An address that a guest may well name: in a region, at its edges, or anywhere.</summary>
    public ulong Address(Xorshift random)
    {
        MemoryRegionLayout layout = _regions[random.Below(_regions.Count)].Layout;
        return random.Below(8) switch
        {
            0 => random.Number(),
            1 => layout.GuestAddress + layout.Size - (ulong)random.Below(64),
            2 => layout.GuestAddress - (ulong)random.Below(64),
            _ => layout.GuestAddress + (ulong)random.Below((int)layout.Size),
        };
    }

    /// <summary>How many bytes from an address on lie in the address's own region: what <see cref="GuestMemory.Resolve"/> must say.</summary>
    public (ulong Length, nint Pointer) Model(ulong address, ulong length)
    {
        foreach (MemoryRegion region in _regions)
        {
            UInt128 end = (UInt128)region.Layout.GuestAddress + region.Layout.Size;
            if (address >= region.Layout.GuestAddress && address < end)
            {
                return ((ulong)UInt128.Min(length, end - address), region.Start + (nint)(address - region.Layout.GuestAddress));
            }
        }
        return (0, 0);
    }

    /// <summary>The guest address of a byte of this process; all of the length must be one region's.</summary>
    public ulong GuestAddressOf(nint pointer, ulong length)
    {
        MemoryRegion region = _regions.Find(region => pointer >= region.Start && (ulong)(pointer - region.Start) + length <= region.Layout.Size)
            ?? throw new FuzzException($"a segment of {length} bytes is in no region");
        return region.Layout.GuestAddress + (ulong)(pointer - region.Start);
    }

    public void Dispose()
    {
        Memory.Release();
        _regions.ForEach(region => region.Release());
        _ram.Dispose();
    }
}
