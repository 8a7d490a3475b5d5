using Kaleidofs.Host.Linux;
using Kaleidofs.Host.Virtio;

namespace Kaleidofs.Tests.Support.VhostUser;

/// <summary>The driver's side of a packed virtqueue (virtio 1.3, section 2.8). A slot's number is its buffer id.</summary>
internal sealed unsafe class PackedDriverRing : DriverRing
{
    private const ushort AvailableFlag = 1 << 7;
    private const ushort UsedFlag = 1 << 15;
    private const ushort Disable = 1;
    private const ushort AtDescriptor = 2;

    private readonly ulong _driverEvent;
    private readonly ulong _deviceEvent;
    private readonly int[] _taken;
    private int _next;
    private bool _wrap = true;
    private int _published;
    private bool _publishedWrap = true;
    private int _usedSeen;
    private bool _usedWrap = true;
    private byte* _head;
    private ushort _headFlags;

    public PackedDriverRing(GuestRam ram, FrontEndOptions options, int index, int slots, int maxPayload)
        : base(ram, options, index, slots, maxPayload)
    {
        _driverEvent = ram.Allocate(RingAddresses.EventSuppressionBytes, 64);
        _deviceEvent = ram.Allocate(RingAddresses.EventSuppressionBytes, 64);
        _taken = new int[slots];
    }

    public override uint Position => Pack(_next, _wrap) | ((uint)Pack(_usedSeen, _usedWrap) << 16);

    public override bool HasAnswer
    {
        get
        {
            ushort flags = Volatile.Read(ref *(ushort*)(Descriptors + DescriptorSize * _usedSeen + 14));
            return (flags & AvailableFlag) != 0 == _usedWrap && (flags & UsedFlag) != 0 == _usedWrap;
        }
    }

    public override ulong DriverAddress => Ram.UserAddress(_driverEvent);

    public override ulong DeviceAddress => Ram.UserAddress(_deviceEvent);

    public static void SetDescriptor(byte* entry, ulong address, uint length, ushort id, ushort flags)
    {
        *(ulong*)entry = address;
        *(uint*)(entry + 8) = length;
        *(ushort*)(entry + 12) = id;
        Volatile.Write(ref *(ushort*)(entry + 14), flags);
    }

    public override void Submit(int slot)
    {
        byte* table = Ram.Pointer(TableOffset(slot));
        int count = Options.Indirect ? 1 : ChainLength(slot);
        for (int i = 0; i < count; i++)
        {
            byte* entry = Descriptors + DescriptorSize * _next;
            byte* source = table + DescriptorSize * i;
            ushort flags = (ushort)((Options.Indirect ? Indirect : *(ushort*)(source + 14)) | (_wrap ? AvailableFlag : UsedFlag));
            bool isHeld = _head is null;
            // The batch's first descriptor becomes available last: the device sees none after it before.
            ushort shown = isHeld ? (ushort)((flags & ~(AvailableFlag | UsedFlag)) | (_wrap ? 0 : AvailableFlag | UsedFlag)) : flags;
            if (isHeld)
            {
                _head = entry;
                _headFlags = flags;
            }
            if (Options.Indirect)
            {
                SetDescriptor(entry, GuestRam.GuestAddress(TableOffset(slot)), (uint)(DescriptorSize * ChainLength(slot)), (ushort)slot, shown);
            }
            else
            {
                SetDescriptor(entry, *(ulong*)source, *(uint*)(source + 8), (ushort)slot, shown);
            }
            Advance(ref _next, ref _wrap, 1);
        }
        _taken[slot] = count;
    }

    public override void Publish()
    {
        if (_head is null)
        {
            return;
        }
        Volatile.Write(ref *(ushort*)(_head + 14), _headFlags);
        _head = null;
        int old = _wrap == _publishedWrap ? _published : _published - Size;
        (_published, _publishedWrap) = (_next, _wrap);
        // Full fence between the descriptors and the device's wish, as the device has between its wish and its last look.
        Interlocked.MemoryBarrier();
        uint wish = Volatile.Read(ref *(uint*)Ram.Pointer(_deviceEvent));
        ushort flags = (ushort)(wish >> 16);
        int wanted = (int)(wish & 0x7fff) - ((wish & 0x8000) != 0 == _wrap ? 0 : Size);
        if (flags == AtDescriptor ? wanted >= old && wanted < _next : flags != Disable)
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
        byte* entry = Descriptors + DescriptorSize * _usedSeen;
        length = *(int*)(entry + 8);
        slot = *(ushort*)(entry + 12);
        Advance(ref _usedSeen, ref _usedWrap, _taken[slot]);
        return true;
    }

    protected override void AskForCall()
    {
        if (Options.EventIndex)
        {
            *(ushort*)Ram.Pointer(_driverEvent) = Pack(_usedSeen, _usedWrap);
            Volatile.Write(ref *(ushort*)(Ram.Pointer(_driverEvent) + 2), AtDescriptor);
        }
    }

    protected override void Describe(byte* entry, ulong address, uint length, ushort flags, ushort next) => SetDescriptor(entry, address, length, 0, flags);

    protected override void AddFlags(byte* entry, ushort flags) => *(ushort*)(entry + 14) |= flags;

    private static ushort Pack(int index, bool wrap) => (ushort)(index | (wrap ? 0x8000 : 0));

    private void Advance(ref int index, ref bool wrap, int count)
    {
        index += count;
        if (index >= Size)
        {
            index -= Size;
            wrap = !wrap;
        }
    }
}
