namespace Kaleidofs.Host.Virtio;

/// <summary>An immutable snapshot of a guest's memory map. Whoever uses addresses that it gave holds a reference, and the mappings stay.</summary>
/// <remarks>The device holds one reference to the current snapshot; a queue holds one for every snapshot that its ring or a request in flight was resolved in.</remarks>
internal sealed class GuestMemory
{
    /// <summary>As many slots as guests with much hot-plugged memory use; QEMU's own limit is 509 too.</summary>
    public const int MaxRegions = 509;

    private readonly MemoryRegion[] _regions;
    private readonly ulong[] _starts;
    private int _references = 1;

    /// <param name="regions">In any order, not overlapping; the snapshot takes over one reference of each.</param>
    public GuestMemory(IEnumerable<MemoryRegion> regions)
    {
        _regions = [.. regions.OrderBy(region => region.Layout.GuestAddress)];
        _starts = [.. _regions.Select(region => region.Layout.GuestAddress)];
    }

    public int RegionCount => _regions.Length;

    public IReadOnlyList<MemoryRegion> Regions => _regions;

    public void Retain() => Interlocked.Increment(ref _references);

    public void Release()
    {
        if (Interlocked.Decrement(ref _references) == 0)
        {
            foreach (MemoryRegion region in _regions)
            {
                region.Release();
            }
        }
    }

    /// <summary>The snapshot with one region more. Takes over the region's reference.</summary>
    public GuestMemory With(MemoryRegion added) => new(RetainAll(_regions).Append(added));

    /// <summary>The snapshot without the region at that place; null if there is none.</summary>
    public GuestMemory? Without(MemoryRegionLayout layout)
    {
        MemoryRegion? removed = Array.Find(_regions, region => region.Layout.GuestAddress == layout.GuestAddress
            && region.Layout.UserAddress == layout.UserAddress && region.Layout.Size == layout.Size);
        return removed is null ? null : new GuestMemory(RetainAll(_regions.Where(region => region != removed)));
    }

    /// <summary>The same memory in mappings of its own; null if it cannot be had.</summary>
    public GuestMemory? Duplicate()
    {
        List<MemoryRegion> copies = [];
        foreach (MemoryRegion region in _regions)
        {
            if (region.Duplicate() is not { } copy)
            {
                copies.ForEach(made => made.Release());
                return null;
            }
            copies.Add(copy);
        }
        return new GuestMemory(copies);
    }

    public bool Overlaps(MemoryRegionLayout layout) => Array.Exists(_regions, region => region.Layout.Overlaps(layout));

    /// <summary>Resolves a guest-physical address.</summary>
    /// <param name="address">Any number at all.</param>
    /// <param name="length">How many bytes are wanted.</param>
    /// <param name="hint">The index of the region that was hit last; checked first.</param>
    /// <param name="pointer">Where they are in this process.</param>
    /// <returns>How many of them are there, up to <paramref name="length"/> and to the region's end; 0 if the address is in no region.</returns>
    public uint Resolve(ulong address, uint length, ref int hint, out nint pointer)
    {
        MemoryRegion[] regions = _regions;
        int index = hint;
        if ((uint)index >= (uint)regions.Length || address - regions[index].Layout.GuestAddress >= regions[index].Layout.Size)
        {
            index = Array.BinarySearch(_starts, address);
            index = index >= 0 ? index : ~index - 1;
            if (index < 0 || address - regions[index].Layout.GuestAddress >= regions[index].Layout.Size)
            {
                pointer = 0;
                return 0;
            }
            hint = index;
        }
        MemoryRegion region = regions[index];
        ulong offset = address - region.Layout.GuestAddress;
        pointer = region.Start + (nint)offset;
        return (uint)Math.Min(length, region.Layout.Size - offset);
    }

    /// <summary>Resolves an address of the front end's own address space; all of it must lie in one region.</summary>
    public bool TryResolveUser(ulong address, ulong length, out nint pointer)
    {
        foreach (MemoryRegion region in _regions)
        {
            ulong offset = address - region.Layout.UserAddress;
            if (offset < region.Layout.Size && length <= region.Layout.Size - offset)
            {
                pointer = region.Start + (nint)offset;
                return true;
            }
        }
        pointer = 0;
        return false;
    }

    private static IEnumerable<MemoryRegion> RetainAll(IEnumerable<MemoryRegion> regions)
    {
        foreach (MemoryRegion region in regions)
        {
            region.Retain();
            yield return region;
        }
    }
}
