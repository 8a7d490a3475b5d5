using Kaleidofs.Host.Linux;
using Kaleidofs.Host.VhostUser;
using Kaleidofs.Host.Virtio;
using Kaleidofs.Protocol;
using Kaleidofs.Tests.Support.VhostUser;

namespace Kaleidofs.Tests.Unit.VhostUser;

/// <summary>Guests that break the rules of the ring: their device is broken until it is reset, and nobody else notices.</summary>
public sealed class HostileGuestTests
{
    private const ushort Next = 1;
    private const ushort Write = 2;
    private const ushort Indirect = 4;
    private const ulong Outside = 0x7777_0000_0000;

    /// <summary>What is wrong, and how to put it into the ring; each publishes it itself.</summary>
    private static readonly Dictionary<string, Action<ConnectedGuest>> Faults = new()
    {
        ["a loop of descriptors"] = guest => Chain(guest, (Readable(guest), 40, Next, 1), (Readable(guest), 40, Next, 0)),
        ["a descriptor that is its own next"] = guest => Chain(guest, (Readable(guest), 40, Next, 0)),
        ["a head out of range"] = guest => Submit(guest, 0xffff),
        ["a next out of range"] = guest => Chain(guest, (Readable(guest), 40, Next, 0xfff0)),
        ["readable after writable"] = guest => Chain(guest, (Reply(guest), 16, Write | Next, 1), (Readable(guest), 40, 0, 0)),
        ["an address in no region"] = guest => Chain(guest, (Outside, 40, 0, 0)),
        ["an address that wraps"] = guest => Chain(guest, (ulong.MaxValue - 8, 40, 0, 0)),
        ["a buffer over its region's end"] = guest => Chain(guest, (0x1_0000_0000 + guest.Ram.Size - 8, 40, 0, 0)),
        ["a buffer of 4 GiB"] = guest => Chain(guest, (Readable(guest), uint.MaxValue, 0, 0)),
        ["buffers of more than 2 GiB in all"] = guest => Chain(guest, [.. Enumerable.Range(1, 200).Select(i => (0x1_0000_0000ul, 16u << 20, Next, (ushort)i))]),
        ["indirect in indirect"] = guest => Table(guest, 16, Entry(Readable(guest), 16, Indirect, 0)),
        ["indirect with a next"] = guest => Chain(guest, (Readable(guest), 16, Indirect | Next, 1), (Readable(guest), 40, 0, 0)),
        ["an indirect table of no bytes"] = guest => Table(guest, 0),
        ["an indirect table of an odd size"] = guest => Table(guest, 24, Entry(Readable(guest), 40, 0, 0)),
        ["an indirect table of 1 GiB"] = guest => Table(guest, 1 << 30),
        ["an indirect table in no region"] = guest => Chain(guest, (Outside, 16, Indirect, 0)),
        ["an indirect table over its region's end"] = guest => Chain(guest, (0x1_0000_0000 + guest.Ram.Size - 16, 32, Indirect, 0)),
        ["a next out of the indirect table"] = guest => Table(guest, 16, Entry(Readable(guest), 40, Next, 1)),
        ["a loop in an indirect table"] = guest => Table(guest, 32, Entry(Readable(guest), 40, Next, 1), Entry(Readable(guest), 40, Next, 0)),
        ["more buffers than are remembered"] = LongChain,
        ["an index that jumps"] = guest => Jump(guest, guest.Ring.Size + 1),
        ["an index that goes back"] = guest => Jump(guest, -1),
    };

    public static TheoryData<string> FaultNames => [.. Faults.Keys];

    [Theory]
    [MemberData(nameof(FaultNames))]
    public async Task A_broken_ring_breaks_its_device_alone_until_it_is_reset(string fault)
    {
        await using ServedDevice device = new(new PatternFileSystem());
        await using ServedDevice other = new(new PatternFileSystem());
        using ConnectedGuest guest = new(device.Path, queues: 2);
        using ConnectedGuest neighbour = new(other.Path);
        using FileDescriptor error = Libc.CreateEventFd();
        guest.FrontEnd.Send(VhostUserRequest.SetVringError, [1], [error.Number]);
        Assert.Equal(0ul, guest.FrontEnd.Acknowledged(VhostUserRequest.SetOwner, [], []));

        Faults[fault](guest);
        Assert.True(SpinWait.SpinUntil(() => device.Log.Lines.Length > 0, TimeSpan.FromSeconds(10)));
        string line = Assert.Single(device.Log.Lines);
        Assert.Contains("the guest broke its device: queue 1: ", line, StringComparison.Ordinal);
        Assert.True(IsSignalled(error));

        // Its other queue serves nothing either; the neighbour everything.
        FuseClient.Prepare(guest.Rings[1], 0, Opcode.GetAttr, 1, new byte[16], 104, 1);
        guest.Rings[1].Submit(0);
        guest.Rings[1].Publish();
        Assert.Equal(Errno.None, neighbour.Client.GetAttributes(FileSystem.RootInode).Errno);
        Assert.False(guest.Rings[1].HasAnswer);
        Assert.Empty(other.Log.Lines);

        Assert.Equal(0ul, guest.FrontEnd.Acknowledged(VhostUserRequest.ResetDevice, [], []));
        using DriverRing ring = DriverRing.Create(guest.Ram, guest.Options, 1, 1, 4096);
        guest.FrontEnd.StartQueue(ring);
        FuseClient client = new(ring);
        client.Initialize();
        Assert.Equal(Errno.None, client.GetAttributes(FileSystem.RootInode).Errno);
        Assert.Single(device.Log.Lines);
    }

    [Fact]
    public async Task A_broken_device_is_whole_again_once_all_its_rings_were_stopped()
    {
        await using ServedDevice device = new(new PatternFileSystem());
        using ConnectedGuest guest = new(device.Path, queues: 2);
        Faults["a head out of range"](guest);
        Assert.True(SpinWait.SpinUntil(() => device.Log.Lines.Length > 0, TimeSpan.FromSeconds(10)));

        // What a front end does at a guest's reboot that sends no reset.
        foreach (DriverRing stopped in guest.Rings)
        {
            guest.FrontEnd.StopQueue(stopped.Index);
        }
        using DriverRing ring = DriverRing.Create(guest.Ram, guest.Options, 1, 1, 4096);
        guest.FrontEnd.StartQueue(ring);
        FuseClient client = new(ring);
        client.Initialize();
        Assert.Equal(Errno.None, client.GetAttributes(FileSystem.RootInode).Errno);
    }

    [Fact]
    public async Task Descriptors_of_no_length_and_chains_without_a_reply_are_no_faults()
    {
        await using ServedDevice device = new(new PatternFileSystem());
        using ConnectedGuest guest = new(device.Path, new FrontEndOptions { Indirect = false });
        // Nothing to read and nowhere to answer: the chain comes back, empty.
        Chain(guest, (Outside, 0, Next, 1), (Readable(guest), 0, 0, 0));
        Assert.True(guest.Ring.Wait(10_000));
        Assert.True(guest.Ring.TryReap(out _, out int length));
        Assert.Equal(0, length);
        Assert.Empty(device.Log.Lines);
    }

    [Fact]
    public async Task Descriptors_that_change_while_they_are_read_hurt_nobody()
    {
        await using ServedDevice device = new(new PatternFileSystem());
        await using ServedDevice other = new(new PatternFileSystem());
        using ConnectedGuest neighbour = new(other.Path);
        Random random = new(4711);
        for (int round = 0; round < 20; round++)
        {
            using ConnectedGuest guest = new(device.Path);
            using CancellationTokenSource stop = new();
            FuseClient.Prepare(guest.Ring, 1, Opcode.Read, PatternFileSystem.FileInode, new byte[40], 4096, 9);
            int seed = random.Next();
            Task scribbler = Task.Run(() => Scribble(guest, seed, stop.Token));
            for (int i = 0; i < 200; i++)
            {
                guest.Ring.Submit(1);
                guest.Ring.Publish();
                Libc.Signal(guest.Ring.Kick.Number);
                Thread.Yield();
            }
            Assert.Equal(PatternFileSystem.Bytes(7, 100), neighbour.Client.Read(PatternFileSystem.FileInode, 0, 7, 100).Data);
            await stop.CancelAsync();
            await scribbler;
        }
        using ConnectedGuest last = new(device.Path);
        Assert.Equal(Errno.None, last.Client.GetAttributes(FileSystem.RootInode).Errno);
        Assert.Empty(other.Log.Lines);
    }

    private static unsafe bool IsSignalled(FileDescriptor descriptor)
    {
        Libc.PollDescriptor signalled = new() { Descriptor = descriptor.Number, Events = Libc.POLLIN };
        return Libc.Poll(&signalled, 1, 10_000) == 1;
    }

    private static unsafe void Scribble(ConnectedGuest guest, int seed, CancellationToken stop)
    {
        Random random = new(seed);
        byte[] junk = new byte[8];
        while (!stop.IsCancellationRequested)
        {
            byte* target = random.Next(4) switch
            {
                0 => guest.Ring.Descriptors + 8 * random.Next(4),
                1 => guest.Ring.Request(1) + 8 * random.Next(8),
                // The slot's indirect table lies behind its reply's room.
                2 => guest.Ram.Pointer(guest.Ring.TableOffset(1)) + 8 * random.Next(8),
                _ => ((SplitDriverRing)guest.Ring).Available + 4 + 2 * random.Next(guest.Ring.Size - 4),
            };
            random.NextBytes(junk);
            ulong original = *(ulong*)target;
            *(ulong*)target = random.Next(2) == 0 ? BitConverter.ToUInt64(junk) : original ^ (1ul << random.Next(64));
            Thread.SpinWait(random.Next(50));
            *(ulong*)target = original;
        }
    }

    private static ulong Readable(ConnectedGuest guest) => guest.Ring.RequestAddress(0);

    private static ulong Reply(ConnectedGuest guest) => guest.Ring.ReplyAddress(0);

    private static (ulong Address, uint Length, ushort Flags, ushort Following) Entry(ulong address, uint length, ushort flags, ushort next) => (address, length, flags, next);

    /// <summary>Writes a chain into the ring's own table, from descriptor 0 on.</summary>
    private static unsafe void Chain(ConnectedGuest guest, params (ulong Address, uint Length, ushort Flags, ushort Following)[] entries)
    {
        for (int i = 0; i < entries.Length; i++)
        {
            SplitDriverRing.SetDescriptor(guest.Ring.Descriptors + 16 * i, entries[i].Address, entries[i].Length, entries[i].Flags, entries[i].Following);
        }
        Submit(guest, 0);
    }

    /// <summary>Writes an indirect table over the first slot's request.</summary>
    private static unsafe void Table(ConnectedGuest guest, uint bytes, params (ulong Address, uint Length, ushort Flags, ushort Following)[] entries)
    {
        for (int i = 0; i < entries.Length; i++)
        {
            SplitDriverRing.SetDescriptor(guest.Ring.Request(0) + 16 * i, entries[i].Address, entries[i].Length, entries[i].Flags, entries[i].Following);
        }
        Chain(guest, (Readable(guest), bytes, Indirect, 0));
    }

    /// <summary>A table of as many as a table may have, and one before it.</summary>
    private static unsafe void LongChain(ConnectedGuest guest)
    {
        for (int i = 0; i < Ring.MaxChain; i++)
        {
            SplitDriverRing.SetDescriptor(guest.Ring.Reply(0) + 16 * i, Readable(guest), 1, i == Ring.MaxChain - 1 ? (ushort)0 : Next, (ushort)(i + 1));
        }
        Chain(guest, (Readable(guest), 1, Next, 1), (Reply(guest), 16 * Ring.MaxChain, Indirect, 0));
    }

    private static void Submit(ConnectedGuest guest, ushort head)
    {
        ((SplitDriverRing)guest.Ring).SubmitHead(head);
        guest.Ring.Publish();
    }

    private static unsafe void Jump(ConnectedGuest guest, int by)
    {
        Volatile.Write(ref *(ushort*)(((SplitDriverRing)guest.Ring).Available + 2), (ushort)(((SplitDriverRing)guest.Ring).NextAvailable + by));
        Libc.Signal(guest.Ring.Kick.Number);
    }
}
