using System.Runtime.CompilerServices;

namespace Kaleidofs.Host.Virtio;

/// <summary>A split virtqueue (virtio 1.3, section 2.7).</summary>
internal sealed unsafe class SplitRing : Ring
{
    private const ushort VIRTQ_AVAIL_F_NO_INTERRUPT = 1;
    private const ushort VIRTQ_USED_F_NO_NOTIFY = 1;

    private readonly byte* _descriptors;
    private readonly byte* _available;
    private readonly byte* _used;
    private readonly int _size;
    private readonly ushort _mask;
    private readonly bool _eventIndex;

    private ushort _nextAvailable;
    private ushort _usedNext;
    private ushort _usedPublished;

    private SplitRing(RingAreas areas, int size, bool eventIndex, ushort nextAvailable)
    {
        _descriptors = (byte*)areas.Descriptors;
        _available = (byte*)areas.Driver;
        _used = (byte*)areas.Device;
        _size = size;
        _mask = (ushort)(size - 1);
        _eventIndex = eventIndex;
        _nextAvailable = nextAvailable;
        // The device's own counter lives in the ring between runs: the vhost-user protocol has only the available one.
        _usedNext = _usedPublished = Volatile.Read(ref *(ushort*)(_used + 2));
    }

    /// <summary>The index of the next request to take.</summary>
    public override uint Base => _nextAvailable;

    public override bool HasAvailable => Volatile.Read(ref *(ushort*)(_available + 2)) != _nextAvailable;

    public static SplitRing? Create(RingAreas areas, int size, bool eventIndex, uint? position, out string? error)
    {
        error = !int.IsPow2(size) ? $"a split ring of {size}"
            : position > ushort.MaxValue ? $"a ring index of {position}"
            : null;
        return error is null ? new SplitRing(areas, size, eventIndex, (ushort)(position ?? 0)) : null;
    }

    public override int CountAvailable(out string? fault)
    {
        // Acquire: the ring's entries and descriptors are read after the index that publishes them.
        ushort index = Volatile.Read(ref *(ushort*)(_available + 2));
        int count = (ushort)(index - _nextAvailable);
        fault = null;
        if (count > _size)
        {
            fault = $"available index {index} is {count} ahead of {_nextAvailable} in a ring of {_size}";
            return 0;
        }
        return count;
    }

    public override string? Take(GuestMemory memory, VirtioRequest request)
    {
        ushort head = Volatile.Read(ref *(ushort*)(_available + 4 + 2 * (_nextAvailable & _mask)));
        _nextAvailable++;
        request.ChainId = head;
        request.Readable.Clear();
        request.Writable.Clear();
        byte* table = _descriptors;
        int tableSize = _size;
        int index = head;
        long total = 0;
        for (int count = 0; ; count++)
        {
            if ((uint)index >= (uint)tableSize)
            {
                return $"descriptor index {index} is outside a table of {tableSize}";
            }
            if (count >= tableSize || count >= MaxChain)
            {
                return $"the chain from descriptor {head} does not end";
            }
            // The descriptor is two words, each read once: what is checked is what is used.
            byte* entry = table + DescriptorSize * index;
            ulong address = Volatile.Read(ref *(ulong*)entry);
            ulong rest = Volatile.Read(ref *(ulong*)(entry + 8));
            uint length = (uint)rest;
            ushort flags = (ushort)(rest >> 32);
            index = (ushort)(rest >> 48);

            string? fault;
            if ((flags & VIRTQ_DESC_F_INDIRECT) != 0)
            {
                if (table != _descriptors)
                {
                    return "an indirect table inside an indirect table";
                }
                fault = OpenIndirect(memory, address, length, flags, out nint pointer);
                if (fault is not null)
                {
                    return fault;
                }
                // Direct descriptors may stand before it in the chain, none after it.
                table = (byte*)pointer;
                tableSize = (int)(length / DescriptorSize);
                index = 0;
                count = -1;
                continue;
            }
            fault = AddBuffer(memory, request, address, length, flags, ref total);
            if (fault is not null || (flags & VIRTQ_DESC_F_NEXT) == 0)
            {
                return fault;
            }
        }
    }

    public override void AddUsed(VirtioRequest request, int written)
    {
        // One aligned-to-4 store of id and length: struct virtq_used_elem, little-endian as this machine is.
        Unsafe.WriteUnaligned(_used + 4 + 8 * (_usedNext & _mask), request.ChainId | ((ulong)(uint)written << 32));
        _usedNext++;
    }

    public override void Publish(out bool notify)
    {
        notify = false;
        ushort old = _usedPublished;
        ushort index = _usedNext;
        if (old == index)
        {
            return;
        }
        // Release: elements and payload are visible before the index that publishes them.
        Volatile.Write(ref *(ushort*)(_used + 2), index);
        _usedPublished = index;
        // Full fence: the index is visible before the guest's wish is read. The guest stores its wish,
        // fences, and reads the index; so one of the two sees the other (virtio 1.3, 2.7.7.1 and 2.7.10).
        Interlocked.MemoryBarrier();
        if (_eventIndex)
        {
            ushort wanted = Volatile.Read(ref *(ushort*)(_available + 4 + 2 * _size));
            notify = (ushort)(index - wanted - 1) < (ushort)(index - old);
        }
        else
        {
            notify = (Volatile.Read(ref *(ushort*)_available) & VIRTQ_AVAIL_F_NO_INTERRUPT) == 0;
        }
    }

    public override void EnableKicks()
    {
        if (_eventIndex)
        {
            Volatile.Write(ref *(ushort*)(_used + 4 + 8 * _size), _nextAvailable);
        }
        else
        {
            Volatile.Write(ref *(ushort*)_used, 0);
        }
    }

    public override void DisableKicks()
    {
        // With event indices there is nothing to do: the one asked for has passed.
        if (!_eventIndex)
        {
            Volatile.Write(ref *(ushort*)_used, VIRTQ_USED_F_NO_NOTIFY);
        }
    }
}
