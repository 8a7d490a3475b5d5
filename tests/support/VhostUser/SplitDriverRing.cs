using Kaleidofs.Host.Linux;
using Kaleidofs.Host.Virtio;

namespace Kaleidofs.Tests.Support.VhostUser;

/// <summary>The driver's side of a split virtqueue (virtio 1.3, section 2.7).</summary>
internal sealed unsafe class SplitDriverRing : DriverRing
{
    private readonly ulong _available;
    private readonly ulong _used;
    private readonly int[] _slotOfHead;
    private ushort _published;
    private ushort _usedSeen;

    public SplitDriverRing(GuestRam ram, FrontEndOptions options, int index, int slots, int maxPayload)
        : base(ram, options, index, slots, maxPayload)
    {
        _available = ram.Allocate(RingAddresses.AvailableBytes(Size), 64);
        _used = ram.Allocate(RingAddresses.UsedBytes(Size), 64);
        _slotOfHead = new int[Size];
        for (int slot = 0; slot < slots; slot++)
        {
            _slotOfHead[HeadOf(slot)] = slot;
        }
    }

    /// <summary>How many requests were given to the device so far, modulo 2^16.</summary>
    public ushort NextAvailable { get; private set; }

    public override uint Position => NextAvailable;

    public override bool HasAnswer => Volatile.Read(ref *(ushort*)(Used + 2)) != _usedSeen;

    public override ulong DriverAddress => Ram.UserAddress(_available);

    public override ulong DeviceAddress => Ram.UserAddress(_used);

    /// <summary>The ring's other parts, for tests that write nonsense into them.</summary>
    public byte* Available => Ram.Pointer(_available);

    public byte* Used => Ram.Pointer(_used);

    public static void SetDescriptor(byte* entry, ulong address, uint length, ushort flags, ushort next)
    {
        *(ulong*)entry = address;
        *(uint*)(entry + 8) = length;
        *(ushort*)(entry + 12) = flags;
        *(ushort*)(entry + 14) = next;
    }

    public override void Shape(int slot, int body, int payload)
    {
        base.Shape(slot, body, payload);
        if (Options.Indirect)
        {
            SetDescriptor(Descriptors + DescriptorSize * HeadOf(slot), GuestRam.GuestAddress(TableOffset(slot)), (uint)(DescriptorSize * ChainLength(slot)), Indirect, 0);
        }
    }

    public override void Submit(int slot) => SubmitHead((ushort)HeadOf(slot));

    public void SubmitHead(ushort head)
    {
        *(ushort*)(Available + 4 + 2 * (NextAvailable & (Size - 1))) = head;
        NextAvailable++;
    }

    public override void Publish()
    {
        ushort old = _published;
        if (old == NextAvailable)
        {
            return;
        }
        Volatile.Write(ref *(ushort*)(Available + 2), NextAvailable);
        _published = NextAvailable;
        // Full fence between the index and the device's wish, as the device has between its wish and its last look.
        Interlocked.MemoryBarrier();
        bool kick;
        if (Options.EventIndex)
        {
            ushort wanted = Volatile.Read(ref *(ushort*)(Used + 4 + 8 * Size));
            kick = (ushort)(NextAvailable - wanted - 1) < (ushort)(NextAvailable - old);
        }
        else
        {
            kick = (Volatile.Read(ref *(ushort*)Used) & 1) == 0;
        }
        if (kick)
        {
            Libc.Signal(Kick.Number);
        }
    }

    public override bool TryReap(out int slot, out int length)
    {
        if (!HasAnswer)
        {
            slot = length = 0;
            return false;
        }
        byte* element = Used + 4 + 8 * (_usedSeen & (Size - 1));
        uint head = *(uint*)element;
        length = *(int*)(element + 4);
        _usedSeen++;
        slot = _slotOfHead[head];
        return true;
    }

    protected override void AskForCall()
    {
        if (Options.EventIndex)
        {
            Volatile.Write(ref *(ushort*)(Available + 4 + 2 * Size), _usedSeen);
        }
    }

    protected override void Describe(byte* entry, ulong address, uint length, ushort flags, ushort next) => SetDescriptor(entry, address, length, flags, next);

    protected override void AddFlags(byte* entry, ushort flags) => *(ushort*)(entry + 12) |= flags;
}
