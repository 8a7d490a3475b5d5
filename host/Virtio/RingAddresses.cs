namespace Kaleidofs.Host.Virtio;

/// <summary>Where a virtqueue's three areas lie, in the front end's address space (virtio 1.3, 2.6).</summary>
/// <param name="Descriptors">The descriptor table, or the packed ring.</param>
/// <param name="Driver">The available ring, or the driver's event suppression.</param>
/// <param name="Device">The used ring, or the device's event suppression.</param>
internal readonly record struct RingAddresses(ulong Descriptors, ulong Driver, ulong Device)
{
    /// <summary>Flags and the event's place (virtio 1.3, 2.8.14).</summary>
    public const ulong EventSuppressionBytes = 4;

    /// <summary>The bytes of the descriptors, in either format.</summary>
    public static ulong DescriptorBytes(int size) => 16ul * (uint)size;

    /// <summary>The bytes of the available ring (virtio 1.3, 2.7): flags, idx, ring, used_event.</summary>
    public static ulong AvailableBytes(int size) => 6 + 2ul * (uint)size;

    /// <summary>The bytes of the used ring (virtio 1.3, 2.7): flags, idx, ring, avail_event.</summary>
    public static ulong UsedBytes(int size) => 6 + 8ul * (uint)size;

    /// <summary>What is wrong with the alignment (virtio 1.3, 2.7 and 2.8.10.1); null if nothing.</summary>
    public string? Validate(bool isPacked) => (Descriptors % 16, Driver % (isPacked ? 4u : 2u), Device % 4) switch
    {
        (not 0, _, _) => "the descriptors are not aligned to 16 bytes",
        (_, not 0, _) => $"the {(isPacked ? "driver's area is not aligned to 4" : "available ring is not aligned to 2")} bytes",
        (_, _, not 0) => $"the {(isPacked ? "device's area" : "used ring")} is not aligned to 4 bytes",
        _ => null,
    };

    /// <summary>Resolves the areas in a snapshot; each must lie in one region.</summary>
    public bool TryResolve(GuestMemory memory, int size, bool isPacked, out RingAreas areas)
    {
        bool isInside = memory.TryResolveUser(Descriptors, DescriptorBytes(size), out nint descriptors);
        isInside &= memory.TryResolveUser(Driver, isPacked ? EventSuppressionBytes : AvailableBytes(size), out nint driver);
        isInside &= memory.TryResolveUser(Device, isPacked ? EventSuppressionBytes : UsedBytes(size), out nint device);
        areas = new RingAreas(descriptors, driver, device);
        return isInside;
    }
}
