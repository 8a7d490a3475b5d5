using Kaleidofs.Host.Linux;

namespace Kaleidofs.Host.Virtio;

/// <summary>A piece of guest memory, mapped here. Shared by the <see cref="GuestMemory"/> snapshots that contain it; unmapped with the last of them.</summary>
/// <remarks>
/// The descriptor is the VMM's, which the kernel lets us check only when it is mapped: a VMM that shrinks
/// the file later takes the pages away, and touching them is SIGBUS. QEMU seals its memfds against that
/// (F_SEAL_SHRINK), and a guest cannot do it; the VMM is trusted with its own guest's memory file.
/// </remarks>
internal sealed class MemoryRegion
{
    private readonly nint _mapping;
    private readonly nuint _mappingLength;
    private int _references = 1;

    private MemoryRegion(MemoryRegionLayout layout, nint mapping, nuint mappingLength, nint start)
    {
        Layout = layout;
        _mapping = mapping;
        _mappingLength = mappingLength;
        Start = start;
    }

    public MemoryRegionLayout Layout { get; }

    /// <summary>Where the region's first byte is in this process.</summary>
    public nint Start { get; }

    /// <summary>Nobody holds it any more.</summary>
    public bool IsUnmapped => Volatile.Read(ref _references) == 0;

    /// <summary>Maps a region. The descriptor stays the caller's.</summary>
    /// <returns>The region, with one reference; or null and why not.</returns>
    public static MemoryRegion? Map(MemoryRegionLayout layout, FileDescriptor file, out string? error)
    {
        error = layout.Validate();
        if (error is not null)
        {
            return null;
        }
        if (Libc.Status(file.Number) is not { } status)
        {
            error = $"statx: {Libc.LastError()}";
            return null;
        }
        if (status.Size < layout.FileOffset + layout.Size)
        {
            error = $"the file has {status.Size} bytes, the region needs {layout.FileOffset + layout.Size}";
            return null;
        }
        // hugetlbfs maps whole huge pages only, and reports their size as the block size.
        ulong page = Math.Max(4096u, status.BlockSize);
        if (!ulong.IsPow2(page))
        {
            page = 4096;
        }
        ulong first = layout.FileOffset & ~(page - 1);
        ulong end = (layout.FileOffset + layout.Size + page - 1) & ~(page - 1);
        nuint length = (nuint)(end - first);
        nint mapping = Libc.MapMemory(0, length, Libc.PROT_READ | Libc.PROT_WRITE, Libc.MAP_SHARED | Libc.MAP_NORESERVE, file.Number, (long)first);
        if (mapping == Libc.MapFailed)
        {
            error = $"mmap of {length} bytes: {Libc.LastError()}";
            return null;
        }
        _ = Libc.AdviseMemory(mapping, length, Libc.MADV_DONTDUMP);
        return new MemoryRegion(layout, mapping, length, mapping + (nint)(layout.FileOffset - first));
    }

    /// <summary>The same pages, mapped once more, with one reference; null if the kernel has no more room for that.</summary>
    public MemoryRegion? Duplicate()
    {
        nint mapping = Libc.DuplicateMapping(_mapping, _mappingLength);
        if (mapping == Libc.MapFailed)
        {
            return null;
        }
        _ = Libc.AdviseMemory(mapping, _mappingLength, Libc.MADV_DONTDUMP);
        return new MemoryRegion(Layout, mapping, _mappingLength, mapping + (Start - _mapping));
    }

    /// <summary>
    /// Takes the guest's pages away from whoever still holds the region: from now on there is memory here that is nobody's.
    /// For requests that were given up, and whose driver may write at any time, into what the guest has other uses for.
    /// </summary>
    public void Detach()
    {
        if (!TryRetain())
        {
            // Nobody holds it, and the addresses may be another's already.
            return;
        }
        const int Flags = Libc.MAP_PRIVATE | Libc.MAP_ANONYMOUS | Libc.MAP_FIXED | Libc.MAP_NORESERVE;
        _ = Libc.MapMemory(_mapping, _mappingLength, Libc.PROT_READ | Libc.PROT_WRITE, Flags, -1, 0);
        Release();
    }

    public void Retain() => Interlocked.Increment(ref _references);

    public void Release()
    {
        if (Interlocked.Decrement(ref _references) == 0)
        {
            _ = Libc.UnmapMemory(_mapping, _mappingLength);
        }
    }

    private bool TryRetain()
    {
        int seen = Volatile.Read(ref _references);
        while (seen > 0)
        {
            int before = Interlocked.CompareExchange(ref _references, seen + 1, seen);
            if (before == seen)
            {
                return true;
            }
            seen = before;
        }
        return false;
    }
}
