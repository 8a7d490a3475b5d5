using System.Runtime.CompilerServices;
using Kaleidofs.Protocol;

namespace Kaleidofs.Host.Virtio;

/// <summary>The device's side of a virtqueue (virtio 1.3, section 2.6), in either format. Used by the queue's thread alone.</summary>
/// <remarks>
/// All of it lies in memory that the guest writes to at any time: every value is read once, and checked
/// as the copy that it is. Faults are strings: what the guest did wrong, for the log; after one the ring is not touched again.
/// </remarks>
internal abstract class Ring
{
    /// <summary>The largest size (virtio 1.3, 2.7 and 2.8.10.1).</summary>
    public const int MaxSize = 32768;

    /// <summary>The most descriptors of one chain, and the most pieces that they are in here. Linux sends some 260 for 1 MiB; the bound keeps what a guest can make us remember small.</summary>
    public const int MaxChain = 1024;

    protected const int DescriptorSize = 16;
    protected const ushort VIRTQ_DESC_F_NEXT = 1;
    protected const ushort VIRTQ_DESC_F_WRITE = 2;
    protected const ushort VIRTQ_DESC_F_INDIRECT = 4;

    private int _regionHint;

    /// <summary>Where the ring stands: what GET_VRING_BASE tells, and what another <see cref="Open"/> goes on from.</summary>
    public abstract uint Base { get; }

    /// <summary>Whether anything waits, or the ring is wrong: either needs a look.</summary>
    public abstract bool HasAvailable { get; }

    /// <summary>Resolves a ring's areas in a snapshot, which must be held for as long as the ring is used. It goes on at a <see cref="Base"/> that was told, or at its beginning.</summary>
    public static Ring? Open(GuestMemory memory, RingAddresses addresses, int size, RingFeatures features, uint? position, out string? error)
    {
        error = addresses.Validate(features.IsPacked);
        if (error is not null)
        {
            return null;
        }
        if (!addresses.TryResolve(memory, size, features.IsPacked, out RingAreas areas))
        {
            error = $"the ring of {size} lies outside the guest's memory";
            return null;
        }
        return features.IsPacked
            ? PackedRing.Create(areas, size, features.EventIndex, position, out error)
            : SplitRing.Create(areas, size, features.EventIndex, position, out error);
    }

    /// <summary>How many requests wait to be taken.</summary>
    /// <returns>0 and a fault if the guest says what cannot be.</returns>
    public abstract int CountAvailable(out string? fault);

    /// <summary>Takes the next chain, its buffers resolved into the request's segments; <see cref="CountAvailable"/> said that there is one.</summary>
    /// <returns>What is wrong with it; null if nothing.</returns>
    public abstract string? Take(GuestMemory memory, VirtioRequest request);

    /// <summary>Gives a request's chain back. The guest sees it with the next <see cref="Publish"/>.</summary>
    public abstract void AddUsed(VirtioRequest request, int written);

    /// <summary>Shows the guest everything that was given back, in one store.</summary>
    /// <param name="notify">Whether the guest asked to be told.</param>
    public abstract void Publish(out bool notify);

    /// <summary>Asks for a kick at the next request. Follow it by a full fence and a look at <see cref="HasAvailable"/> before waiting for one.</summary>
    public abstract void EnableKicks();

    /// <summary>No kicks while the queue is being looked at anyway.</summary>
    public abstract void DisableKicks();

    /// <summary>Resolves an indirect table; its descriptors are read from there (virtio 1.3, 2.7.5.3 and 2.8.8).</summary>
    /// <returns>What is wrong with it; null if nothing.</returns>
    protected string? OpenIndirect(GuestMemory memory, ulong address, uint length, ushort flags, out nint table)
    {
        table = 0;
        if ((flags & VIRTQ_DESC_F_NEXT) != 0)
        {
            return "an indirect descriptor that has a next one";
        }
        if (length == 0 || length % DescriptorSize != 0 || length / DescriptorSize > MaxChain)
        {
            return $"an indirect table of {length} bytes";
        }
        return memory.Resolve(address, length, ref _regionHint, out table) == length
            ? null
            : $"an indirect table at 0x{address:x}, outside the guest's memory";
    }

    /// <summary>Adds one buffer to the request, and its length to the chain's total.</summary>
    /// <returns>What is wrong with it; null if nothing.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected string? AddBuffer(GuestMemory memory, VirtioRequest request, ulong address, uint length, ushort flags, ref long total)
    {
        total += length;
        if (total > int.MaxValue)
        {
            return $"a chain of more than {int.MaxValue} bytes";
        }
        SegmentList list = request.Writable;
        if ((flags & VIRTQ_DESC_F_WRITE) == 0)
        {
            if (list.Count > 0)
            {
                return "a readable descriptor after a writable one";
            }
            list = request.Readable;
        }
        while (length > 0)
        {
            uint part = memory.Resolve(address, length, ref _regionHint, out nint pointer);
            if (part == 0)
            {
                return $"a buffer of {length} bytes at 0x{address:x}, outside the guest's memory";
            }
            if (request.Readable.Count + request.Writable.Count == MaxChain)
            {
                return $"a chain of more than {MaxChain} pieces";
            }
            list.Add(pointer, (int)part);
            // Two regions may adjoin in the guest and not here. The sum may wrap: then it is in no region, or the length is used up.
            address += part;
            length -= part;
        }
        return null;
    }
}
