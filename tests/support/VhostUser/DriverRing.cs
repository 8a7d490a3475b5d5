using Kaleidofs.Host.Linux;
using Kaleidofs.Host.Virtio;

namespace Kaleidofs.Tests.Support.VhostUser;

/// <summary>The driver's side of a virtqueue, with a fixed number of request slots, each with buffers of its own. Used by one thread.</summary>
/// <remarks>A slot's chain looks as Linux makes it: header, body, reply header, and the reply's payload a page a descriptor.</remarks>
internal abstract unsafe class DriverRing : IDisposable
{
    public const int RequestHeader = 40;
    public const int ReplyHeader = 16;
    public const int MaxBody = 512;

    protected const int DescriptorSize = 16;
    protected const ushort Next = 1;
    protected const ushort Write = 2;
    protected const ushort Indirect = 4;

    private const int Page = 4096;

    private readonly ulong _descriptors;
    private readonly ulong[] _requests;
    private readonly ulong[] _replies;
    private readonly ulong[] _tables;
    private readonly int[] _chainLengths;
    private readonly int _direct;
    private FileDescriptor? _epoll;

    protected DriverRing(GuestRam ram, FrontEndOptions options, int index, int slots, int maxPayload)
    {
        Ram = ram;
        Options = options;
        Index = index;
        Size = options.QueueSize;
        _descriptors = ram.Allocate(RingAddresses.DescriptorBytes(Size), Page);
        int perSlot = 3 + (maxPayload + Page - 1) / Page;
        _direct = options.Indirect ? 1 : perSlot;
        if (slots * _direct > Size)
        {
            throw new ArgumentException($"{slots} chains of {_direct} do not fit into a queue of {Size}", nameof(slots));
        }
        _requests = new ulong[slots];
        _replies = new ulong[slots];
        _tables = new ulong[slots];
        _chainLengths = new int[slots];
        for (int slot = 0; slot < slots; slot++)
        {
            _requests[slot] = ram.Allocate(RequestHeader + MaxBody, 64);
            _replies[slot] = ram.Allocate(64 + (ulong)maxPayload, Page);
            _tables[slot] = options.Indirect || options.Packed ? ram.Allocate(DescriptorSize * (ulong)perSlot, 64) : _descriptors + DescriptorSize * (ulong)HeadOf(slot);
        }
        Kick = Libc.CreateEventFd();
        Call = Libc.CreateEventFd();
    }

    public int Index { get; }

    public int Size { get; }

    public int Slots => _requests.Length;

    public FileDescriptor Kick { get; }

    public FileDescriptor Call { get; }

    /// <summary>Where the device would go on if it has taken everything: what SET_VRING_BASE tells.</summary>
    public abstract uint Position { get; }

    public abstract bool HasAnswer { get; }

    public ulong DescriptorAddress => Ram.UserAddress(_descriptors);

    public abstract ulong DriverAddress { get; }

    public abstract ulong DeviceAddress { get; }

    /// <summary>The ring's descriptors themselves, for tests that write nonsense into them.</summary>
    public byte* Descriptors => Ram.Pointer(_descriptors);

    protected GuestRam Ram { get; }

    protected FrontEndOptions Options { get; }

    /// <summary>A ring in the format that the options want.</summary>
    public static DriverRing Create(GuestRam ram, FrontEndOptions options, int index, int slots, int maxPayload) => options.Packed
        ? new PackedDriverRing(ram, options, index, slots, maxPayload)
        : new SplitDriverRing(ram, options, index, slots, maxPayload);

    /// <summary>A slot's request: the header's 40 bytes and the body after them.</summary>
    public byte* Request(int slot) => Ram.Pointer(_requests[slot]);

    /// <summary>A slot's reply: the header's 16 bytes, and the payload after them.</summary>
    public byte* Reply(int slot) => Ram.Pointer(_replies[slot]);

    public ulong RequestAddress(int slot) => GuestRam.GuestAddress(_requests[slot]);

    public ulong ReplyAddress(int slot) => GuestRam.GuestAddress(_replies[slot]);

    /// <summary>Where a slot's chain is described: in its indirect table, or in the ring.</summary>
    public ulong TableOffset(int slot) => _tables[slot];

    /// <summary>Describes a slot's buffers to the device; holds until it is shaped anew.</summary>
    public virtual void Shape(int slot, int body, int payload)
    {
        byte* table = Ram.Pointer(_tables[slot]);
        int first = Options.Indirect ? 0 : HeadOf(slot);
        int count = 0;
        void Add(ulong address, int length, ushort flags)
        {
            if (count > 0)
            {
                AddFlags(table + DescriptorSize * (count - 1), Next);
            }
            Describe(table + DescriptorSize * count, address, (uint)length, flags, (ushort)(first + count + 1));
            count++;
        }
        Add(RequestAddress(slot), RequestHeader, 0);
        if (body > 0)
        {
            Add(RequestAddress(slot) + RequestHeader, body, 0);
        }
        Add(ReplyAddress(slot), ReplyHeader, Write);
        for (int done = 0; done < payload; done += Page)
        {
            Add(ReplyAddress(slot) + ReplyHeader + (ulong)done, Math.Min(Page, payload - done), Write);
        }
        _chainLengths[slot] = count;
    }

    /// <summary>Puts a slot on the ring; the device sees it with <see cref="Publish"/>.</summary>
    public abstract void Submit(int slot);

    /// <summary>Shows the device what was submitted, and kicks it if it asked for that.</summary>
    public abstract void Publish();

    /// <summary>Takes one answer, if there is one.</summary>
    public abstract bool TryReap(out int slot, out int length);

    /// <summary>Waits for an answer; returns whether one is there in time.</summary>
    public bool Wait(int milliseconds)
    {
        AskForCall();
        Interlocked.MemoryBarrier();
        if (HasAnswer)
        {
            return true;
        }
        long end = Environment.TickCount64 + milliseconds;
        while (true)
        {
            Libc.PollDescriptor descriptor = new() { Descriptor = Call.Number, Events = Libc.POLLIN };
            if (Libc.Poll(&descriptor, 1, (int)Math.Max(0, end - Environment.TickCount64)) == 1)
            {
                ulong count;
                _ = Libc.Read(Call.Number, &count, sizeof(ulong));
            }
            if (HasAnswer || Environment.TickCount64 >= end)
            {
                return HasAnswer;
            }
        }
    }

    /// <summary>Sleeps until an answer is there, however long that takes, with one system call a sleep.</summary>
    public void WaitForAnswer()
    {
        while (!HasAnswer)
        {
            AskForCall();
            Interlocked.MemoryBarrier();
            if (HasAnswer)
            {
                return;
            }
            if (_epoll is null)
            {
                // Edge-triggered, so that the counter need not be read.
                _epoll = Libc.CreateEpoll();
                Libc.EpollEvent interest = new() { Events = Libc.EPOLLIN | Libc.EPOLLET };
                _ = Libc.EpollControl(_epoll.Number, Libc.EPOLL_CTL_ADD, Call.Number, &interest);
                continue;
            }
            Libc.EpollEvent woken;
            _ = Libc.EpollWait(_epoll.Number, &woken, 1, -1);
        }
    }

    public void Dispose()
    {
        Kick.Dispose();
        Call.Dispose();
        _epoll?.Dispose();
    }

    /// <summary>The ring's descriptor that a slot's chain begins with, where slots have descriptors of their own.</summary>
    protected int HeadOf(int slot) => slot * _direct;

    /// <summary>How many descriptors a slot's chain has, without the one that names an indirect table.</summary>
    protected int ChainLength(int slot) => _chainLengths[slot];

    /// <summary>Asks to be called at the next answer. A full fence and a look at <see cref="HasAnswer"/> follow.</summary>
    protected abstract void AskForCall();

    /// <summary>Writes a descriptor in the format's own layout.</summary>
    protected abstract void Describe(byte* entry, ulong address, uint length, ushort flags, ushort next);

    protected abstract void AddFlags(byte* entry, ushort flags);
}
