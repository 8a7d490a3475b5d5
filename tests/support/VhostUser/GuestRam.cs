using Kaleidofs.Host.Linux;
using Kaleidofs.Host.Virtio;

namespace Kaleidofs.Tests.Support.VhostUser;

/// <summary>A make-believe guest's memory: a memfd, shared with the device in one region or more.</summary>
/// <remarks>The regions adjoin in guest-physical addresses but neither in user addresses nor, as each is mapped by itself, in the device.</remarks>
internal sealed unsafe class GuestRam : IDisposable
{
    private const ulong GuestBase = 0x1_0000_0000;
    private const ulong UserBase = 0x5555_0000_0000;
    private const ulong UserGap = 0x1_0000_0000;

    private readonly byte* _base;
    private readonly ulong _regionSize;
    private ulong _next;

    public GuestRam(ulong size, int regions = 1)
    {
        const uint MFD_CLOEXEC = 1;
        Size = (size + 4095) & ~4095ul;
        _regionSize = (Size / (uint)regions + 4095) & ~4095ul;
        File = FileDescriptor.Own(FrontEndLibc.MemoryFile("guest", MFD_CLOEXEC), "memfd_create");
        Size = _regionSize * (uint)regions;
        _ = FrontEndLibc.Truncate(File.Number, (long)Size);
        nint mapping = Libc.MapMemory(0, (nuint)Size, Libc.PROT_READ | Libc.PROT_WRITE, Libc.MAP_SHARED, File.Number, 0);
        if (mapping == Libc.MapFailed)
        {
            throw new IOException($"mmap: {Libc.LastError()}");
        }
        _base = (byte*)mapping;
        Regions = [.. Enumerable.Range(0, regions).Select(index => (ulong)index).Select(index =>
            new MemoryRegionLayout(GuestBase + index * _regionSize, _regionSize, UserBase + index * (_regionSize + UserGap), index * _regionSize))];
    }

    public FileDescriptor File { get; }

    public ulong Size { get; }

    public IReadOnlyList<MemoryRegionLayout> Regions { get; }

    /// <summary>Takes memory that was never used, as an offset; zeroed.</summary>
    public ulong Allocate(ulong size, ulong alignment = 64)
    {
        ulong offset = (_next + alignment - 1) & ~(alignment - 1);
        if (offset + size > Size)
        {
            throw new InvalidOperationException($"guest memory is used up: {size} more bytes of {Size}");
        }
        _next = offset + size;
        return offset;
    }

    public byte* Pointer(ulong offset) => _base + offset;

    public Span<byte> Span(ulong offset, int length) => new(_base + offset, length);

    public static ulong GuestAddress(ulong offset) => GuestBase + offset;

    /// <summary>The address by which the front end itself would know the byte.</summary>
    public ulong UserAddress(ulong offset) => UserBase + offset / _regionSize * (_regionSize + UserGap) + offset % _regionSize;

    /// <summary>The other way round.</summary>
    public ulong OffsetOf(ulong userAddress)
        => (userAddress - UserBase) / (_regionSize + UserGap) * _regionSize + (userAddress - UserBase) % (_regionSize + UserGap);

    public void Dispose()
    {
        _ = Libc.UnmapMemory((nint)_base, (nuint)Size);
        File.Dispose();
    }
}
