namespace Kaleidofs.Host.Virtio;

/// <summary>Where a region lies: in the guest, in the front end's own address space (in which ring addresses are told), and in its file.</summary>
internal readonly record struct MemoryRegionLayout(ulong GuestAddress, ulong Size, ulong UserAddress, ulong FileOffset)
{
    /// <summary>More than any user address space has; keeps every sum below 2^64.</summary>
    private const ulong MaxSize = 1ul << 47;

    /// <summary>What is wrong with the numbers; null if nothing.</summary>
    public string? Validate() => Size switch
    {
        0 => "the size is 0",
        > MaxSize => $"the size {Size} is impossible",
        _ when FileOffset > MaxSize => $"the file offset {FileOffset} is impossible",
        _ when GuestAddress > ulong.MaxValue - Size => "the guest addresses wrap around",
        _ when UserAddress > ulong.MaxValue - Size => "the user addresses wrap around",
        _ => null,
    };

    public bool Overlaps(in MemoryRegionLayout other)
        => Overlap(GuestAddress, Size, other.GuestAddress, other.Size) || Overlap(UserAddress, Size, other.UserAddress, other.Size);

    private static bool Overlap(ulong a, ulong aSize, ulong b, ulong bSize) => a < b + bSize && b < a + aSize;
}
