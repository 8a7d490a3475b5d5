using System.Runtime.CompilerServices;

namespace Kaleidofs.Host.Virtio;

/// <summary>A packed virtqueue (virtio 1.3, section 2.8): one ring of descriptors, which the device overwrites with what it gives back.</summary>
/// <remarks>
/// A place in the ring is an index and the wrap counter of the round it belongs to. The distance from the place of the
/// next used descriptor to that of the next available one is what the device holds; it is never more than the ring.
/// </remarks>
internal sealed unsafe class PackedRing : Ring
{
    private const ushort VIRTQ_DESC_F_AVAIL = 1 << 7;
    private const ushort VIRTQ_DESC_F_USED = 1 << 15;
    private const ushort RING_EVENT_FLAGS_ENABLE = 0;
    private const ushort RING_EVENT_FLAGS_DISABLE = 1;
    private const ushort RING_EVENT_FLAGS_DESC = 2;
    private const ushort WrapBit = 1 << 15;

    /// <summary>Both places at index 0 of the first round, whose wrap counters are 1 (virtio 1.3, 2.8.1).</summary>
    private const uint Beginning = 0x8000_8000;

    private readonly byte* _descriptors;
    private readonly byte* _driverEvent;
    private readonly byte* _deviceEvent;
    private readonly int _size;
    private readonly bool _eventIndex;

    private int _nextAvailable;
    private bool _availableWrap;
    private int _nextUsed;
    private bool _usedWrap;

    // The first used descriptor that is not published yet. Its flags are held back: without them the guest sees none after it.
    private byte* _held;
    private ushort _heldFlags;
    private int _publishedUsed;
    private bool _publishedWrap;

    private PackedRing(RingAreas areas, int size, bool eventIndex, uint position)
    {
        _descriptors = (byte*)areas.Descriptors;
        _driverEvent = (byte*)areas.Driver;
        _deviceEvent = (byte*)areas.Device;
        _size = size;
        _eventIndex = eventIndex;
        (_nextAvailable, _availableWrap) = PlaceOf((ushort)position);
        (_nextUsed, _usedWrap) = PlaceOf((ushort)(position >> 16));
        (_publishedUsed, _publishedWrap) = (_nextUsed, _usedWrap);
    }

    /// <summary>The places of the next available (bits 0 to 15) and the next used descriptor (16 to 31), the wrap counter on top of each ("Packed virtqueues" of the vhost-user specification's VRING_BASE).</summary>
    public override uint Base => Pack(_nextAvailable, _availableWrap) | ((uint)Pack(_nextUsed, _usedWrap) << 16);

    public override bool HasAvailable => IsAvailable(FlagsAt(_nextAvailable), _availableWrap);

    private int Held => _nextAvailable - _nextUsed + (_availableWrap == _usedWrap ? 0 : _size);

    public static PackedRing? Create(RingAreas areas, int size, bool eventIndex, uint? position, out string? error)
    {
        PackedRing ring = new(areas, size, eventIndex, position ?? Beginning);
        bool isPlace = ring._nextAvailable < size && ring._nextUsed < size && ring.Held >= 0 && ring.Held <= size;
        error = isPlace ? null : $"a packed ring of {size} at 0x{position:x}";
        return isPlace ? ring : null;
    }

    public override int CountAvailable(out string? fault)
    {
        fault = null;
        int index = _nextAvailable;
        bool wrap = _availableWrap;
        int count = 0;
        for (int seen = 0; seen < _size;)
        {
            ushort flags = FlagsAt(index);
            if (!IsAvailable(flags, wrap))
            {
                break;
            }
            count++;
            // The driver makes a chain's first descriptor available last (2.8.6), so the others need no look.
            bool isLast;
            do
            {
                isLast = (flags & VIRTQ_DESC_F_NEXT) == 0;
                Advance(ref index, ref wrap, 1);
                seen++;
                flags = isLast ? flags : FlagsAt(index);
            }
            while (!isLast && seen < _size);
        }
        return count;
    }

    public override string? Take(GuestMemory memory, VirtioRequest request)
    {
        request.Readable.Clear();
        request.Writable.Clear();
        int room = Math.Min(_size - Held, MaxChain);
        int index = _nextAvailable;
        long total = 0;
        for (int count = 1; ; count++)
        {
            if (count > room)
            {
                return $"the chain from descriptor {_nextAvailable} is longer than what is free of a ring of {_size}";
            }
            // The descriptor is two words, each read once: what is checked is what is used. The one with the flags is
            // read first, and with acquire: what the driver wrote before it made the descriptor available is read after.
            byte* entry = _descriptors + DescriptorSize * index;
            ulong rest = Volatile.Read(ref *(ulong*)(entry + 8));
            ulong address = Volatile.Read(ref *(ulong*)entry);
            uint length = (uint)rest;
            ushort flags = (ushort)(rest >> 48);
            if (count == 1 && !IsAvailable(flags, _availableWrap))
            {
                return $"descriptor {index} was taken back";
            }
            string? fault;
            bool isIndirect = (flags & VIRTQ_DESC_F_INDIRECT) != 0;
            if (isIndirect)
            {
                fault = OpenIndirect(memory, address, length, flags, out nint table) ?? AddTable(memory, request, (byte*)table, (int)(length / DescriptorSize), ref total);
            }
            else
            {
                fault = AddBuffer(memory, request, address, length, flags, ref total);
            }
            if (fault is not null)
            {
                return fault;
            }
            index = index + 1 == _size ? 0 : index + 1;
            if (isIndirect || (flags & VIRTQ_DESC_F_NEXT) == 0)
            {
                // The buffer's id stands in the last descriptor (2.8.6).
                request.ChainId = (ushort)(rest >> 32);
                request.ChainLength = count;
                Advance(ref _nextAvailable, ref _availableWrap, count);
                return null;
            }
        }
    }

    public override void AddUsed(VirtioRequest request, int written)
    {
        byte* entry = _descriptors + DescriptorSize * _nextUsed;
        // Writable buffers were used if the length means anything (2.8.4.1, 2.8.7).
        int flags = (_usedWrap ? VIRTQ_DESC_F_AVAIL | VIRTQ_DESC_F_USED : 0) | (written > 0 ? VIRTQ_DESC_F_WRITE : 0);
        Unsafe.WriteUnaligned(entry + 8, (uint)written);
        Unsafe.WriteUnaligned(entry + 12, request.ChainId);
        if (_held is null)
        {
            _held = entry;
            _heldFlags = (ushort)flags;
        }
        else
        {
            // Release: the guest may look here before the batch is published, if it looks ahead.
            Volatile.Write(ref *(ushort*)(entry + 14), (ushort)flags);
        }
        Advance(ref _nextUsed, ref _usedWrap, request.ChainLength);
    }

    public override void Publish(out bool notify)
    {
        notify = false;
        if (_held is null)
        {
            return;
        }
        // Release: the batch's descriptors and payload are visible before the flags that publish them.
        Volatile.Write(ref *(ushort*)(_held + 14), _heldFlags);
        _held = null;
        int old = _usedWrap == _publishedWrap ? _publishedUsed : _publishedUsed - _size;
        (_publishedUsed, _publishedWrap) = (_nextUsed, _usedWrap);
        // Full fence between the flags and the guest's wish, as the guest has between its wish and its last look (2.8.21.2.1).
        Interlocked.MemoryBarrier();
        uint wish = Volatile.Read(ref *(uint*)_driverEvent);
        notify = (ushort)(wish >> 16) switch
        {
            RING_EVENT_FLAGS_DISABLE => false,
            RING_EVENT_FLAGS_DESC when _eventIndex => HasPassed((ushort)wish, old),
            _ => true,
        };
    }

    public override void EnableKicks()
    {
        if (_eventIndex)
        {
            Volatile.Write(ref *(ushort*)_deviceEvent, Pack(_nextAvailable, _availableWrap));
            // Release: the place before the flags that make it count.
            Volatile.Write(ref *(ushort*)(_deviceEvent + 2), RING_EVENT_FLAGS_DESC);
        }
        else
        {
            Volatile.Write(ref *(ushort*)(_deviceEvent + 2), RING_EVENT_FLAGS_ENABLE);
        }
    }

    public override void DisableKicks() => Volatile.Write(ref *(ushort*)(_deviceEvent + 2), RING_EVENT_FLAGS_DISABLE);

    private static (int Index, bool Wrap) PlaceOf(ushort value) => (value & ~WrapBit, (value & WrapBit) != 0);

    private static ushort Pack(int index, bool wrap) => (ushort)(index | (wrap ? WrapBit : 0));

    private static bool IsAvailable(ushort flags, bool wrap) => (flags & VIRTQ_DESC_F_AVAIL) != 0 == wrap && (flags & VIRTQ_DESC_F_USED) != 0 != wrap;

    /// <summary>Whether the place that the guest named lies among the descriptors given back since <paramref name="old"/>.</summary>
    private bool HasPassed(ushort wanted, int old)
    {
        (int index, bool wrap) = PlaceOf(wanted);
        if (wrap != _usedWrap)
        {
            index -= _size;
        }
        return index >= old && index < _nextUsed;
    }

    private ushort FlagsAt(int index) => Volatile.Read(ref *(ushort*)(_descriptors + DescriptorSize * index + 14));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Advance(ref int index, ref bool wrap, int count)
    {
        index += count;
        if (index >= _size)
        {
            index -= _size;
            wrap = !wrap;
        }
    }

    /// <summary>The descriptors of an indirect table stand one after the other; of their flags only the direction counts (2.8.8).</summary>
    private string? AddTable(GuestMemory memory, VirtioRequest request, byte* table, int count, ref long total)
    {
        for (int i = 0; i < count; i++)
        {
            ulong address = Volatile.Read(ref *(ulong*)(table + DescriptorSize * i));
            ulong rest = Volatile.Read(ref *(ulong*)(table + DescriptorSize * i + 8));
            ushort flags = (ushort)(rest >> 48);
            string? fault = (flags & VIRTQ_DESC_F_INDIRECT) != 0
                ? "an indirect table inside an indirect table"
                : AddBuffer(memory, request, address, (uint)rest, flags, ref total);
            if (fault is not null)
            {
                return fault;
            }
        }
        return null;
    }
}
