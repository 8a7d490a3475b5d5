using Kaleidofs.Host.Linux;
using Kaleidofs.Host.VhostUser;
using Kaleidofs.Host.Virtio;
using Kaleidofs.Protocol;
using Kaleidofs.Tests.Support.VhostUser;

namespace Kaleidofs.Tests.Unit.VhostUser;

/// <summary>A guest that chose packed rings gets what one with split rings gets.</summary>
public sealed class PackedRingTests
{
    private const ulong Outside = 0x7777_0000_0000;

    [Theory]
    [InlineData(true, true, 256)]
    [InlineData(true, false, 256)]
    [InlineData(false, true, 256)]
    [InlineData(false, false, 200)]
    public async Task Requests_are_answered_whatever_else_was_negotiated(bool indirect, bool eventIndex, int size)
    {
        await using ServedDevice device = new(new PatternFileSystem());
        using ConnectedGuest guest = new(device.Path, new FrontEndOptions { Packed = true, Indirect = indirect, EventIndex = eventIndex, QueueSize = size });
        Assert.True(guest.Features.Features.HasFlag(VhostUserFeatures.RingPacked));
        Assert.Equal(PatternFileSystem.FileInode, guest.Client.Lookup(FileSystem.RootInode, "file").Entry.NodeId);
        for (ulong i = 0; i < 100; i++)
        {
            Assert.Equal(PatternFileSystem.Bytes(12345 + i, 60_000), guest.Client.Read(PatternFileSystem.FileInode, 0, 12345 + i, 60_000).Data);
        }
        Assert.Empty(device.Log.Lines);
    }

    [Theory]
    [InlineData(true, 8)]
    [InlineData(false, 8)]
    [InlineData(true, 7)]
    [InlineData(false, 5)]
    public async Task A_ring_goes_round_and_round(bool eventIndex, int size)
    {
        await using ServedDevice device = new(new PatternFileSystem());
        using ConnectedGuest guest = new(device.Path, new FrontEndOptions { Packed = true, EventIndex = eventIndex, QueueSize = size });
        for (int i = 0; i < 5_000; i++)
        {
            Assert.Equal(Errno.None, guest.Client.GetAttributes(FileSystem.RootInode).Errno);
        }
    }

    [Theory]
    [InlineData(true, 9)]
    [InlineData(false, 11)]
    public async Task Chains_cross_the_end_of_the_ring_in_every_way(bool eventIndex, int size)
    {
        await using ServedDevice device = new(new PatternFileSystem());
        FrontEndOptions options = new() { Packed = true, Indirect = false, EventIndex = eventIndex, QueueSize = size };
        using ConnectedGuest guest = new(device.Path, options, slots: 2, maxPayload: 4096);
        for (int i = 0; i < 5_000; i++)
        {
            Assert.Equal(Errno.None, guest.Client.GetAttributes(FileSystem.RootInode).Errno);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_full_ring_is_answered_whole_and_in_any_order(bool eventIndex)
    {
        PatternFileSystem files = new();
        await using ServedDevice device = new(files);
        FrontEndOptions options = new() { Packed = true, EventIndex = eventIndex, QueueSize = 12 };
        using ConnectedGuest guest = new(device.Path, options, slots: 12, maxPayload: 4096);
        for (int round = 0; round < 200; round++)
        {
            for (int slot = 0; slot < 12; slot++)
            {
                bool isSlow = (slot + round) % 3 == 0;
                SubmitRead(guest.Ring, slot, isSlow ? PatternFileSystem.SlowInode : PatternFileSystem.FileInode, (ulong)(slot + round));
            }
            guest.Ring.Publish();
            List<int> seen = [];
            Reap(guest.Ring, seen, 8);
            Assert.True(SpinWait.SpinUntil(() => files.Waiting == 4, TimeSpan.FromSeconds(30)));
            Assert.False(guest.Ring.HasAnswer);
            files.Release();
            Reap(guest.Ring, seen, 12);
            Assert.Equal(Enumerable.Range(0, 12), seen.Order());
            foreach (int slot in seen)
            {
                Assert.Equal(PatternFileSystem.Bytes((ulong)(slot + round), 4096), Payload(guest.Ring, slot));
            }
        }
        Assert.Empty(device.Log.Lines);
    }

    [Fact]
    public async Task A_stopped_ring_goes_on_where_it_was()
    {
        await using ServedDevice device = new(new PatternFileSystem());
        using ConnectedGuest guest = new(device.Path, new FrontEndOptions { Packed = true, QueueSize = 6 });
        for (int i = 0; i < 50; i++)
        {
            Assert.Equal(Errno.None, guest.Client.GetAttributes(FileSystem.RootInode).Errno);
            Assert.Equal(guest.Ring.Position, guest.FrontEnd.StopQueue(1));
            guest.FrontEnd.StartQueue(guest.Ring);
        }
    }

    [Fact]
    public async Task A_ring_goes_on_when_the_memory_changes_under_requests_in_flight()
    {
        PatternFileSystem files = new();
        await using ServedDevice device = new(files);
        using ConnectedGuest guest = new(device.Path, new FrontEndOptions { Packed = true, QueueSize = 6 });
        using GuestRam more = new(1 << 20);
        MemoryRegionLayout layout = new(0x9_0000_0000, more.Size, 0x6666_0000_0000, 0);
        for (int i = 0; i < 30; i++)
        {
            SubmitRead(guest.Ring, 1, PatternFileSystem.SlowInode, 7);
            guest.Ring.Publish();
            Assert.True(SpinWait.SpinUntil(() => files.Waiting == 1, TimeSpan.FromSeconds(30)));
            Assert.Equal(0ul, i % 2 == 0 ? guest.FrontEnd.AddRegion(layout, more.File.Number) : guest.FrontEnd.RemoveRegion(layout));
            Assert.Equal(Errno.None, guest.Client.GetAttributes(FileSystem.RootInode).Errno);
            files.Release();
            List<int> seen = [];
            Reap(guest.Ring, seen, 1);
            Assert.Equal([1], seen);
        }
    }

    public static TheoryData<string> FaultNames => [.. Faults.Keys];

    /// <summary>What is wrong, by the descriptors that the guest makes available.</summary>
    private static readonly Dictionary<string, (Func<ConnectedGuest, ulong> Address, uint Length, int Flags, int Count)> Faults = new()
    {
        ["an address in no region"] = (_ => Outside, 40, 0, 1),
        ["an address that wraps"] = (_ => ulong.MaxValue - 8, 40, 0, 1),
        ["a chain without an end"] = (guest => guest.Ring.RequestAddress(0), 40, 1, 8),
        ["indirect with a next"] = (guest => guest.Ring.RequestAddress(0), 16, 1 | 4, 2),
        ["an indirect table of an odd size"] = (guest => guest.Ring.RequestAddress(0), 24, 4, 1),
        ["an indirect table of 1 GiB"] = (guest => guest.Ring.RequestAddress(0), 1 << 30, 4, 1),
        ["an indirect table in no region"] = (_ => Outside, 16, 4, 1),
    };

    [Theory]
    [MemberData(nameof(FaultNames))]
    public async Task A_broken_ring_breaks_its_device_alone(string fault)
    {
        await using ServedDevice device = new(new PatternFileSystem());
        await using ServedDevice other = new(new PatternFileSystem());
        using ConnectedGuest guest = new(device.Path, new FrontEndOptions { Packed = true, QueueSize = 8 });
        using ConnectedGuest neighbour = new(other.Path, new FrontEndOptions { Packed = true });
        WriteFault(guest, fault);
        Assert.True(SpinWait.SpinUntil(() => device.Log.Lines.Length > 0, TimeSpan.FromSeconds(30)));
        Assert.Contains("the guest broke its device: queue 1: ", Assert.Single(device.Log.Lines), StringComparison.Ordinal);
        Assert.Equal(Errno.None, neighbour.Client.GetAttributes(FileSystem.RootInode).Errno);
        Assert.Empty(other.Log.Lines);
    }

    [Theory]
    [InlineData(8u)]
    [InlineData(0x7fffu)]
    [InlineData(0x0008_0000u)]
    [InlineData(0x8005_0006u)]
    public async Task A_place_that_is_none_of_the_ring_is_refused(uint position)
    {
        await using ServedDevice device = new(new PatternFileSystem());
        using ConnectedGuest guest = new(device.Path, new FrontEndOptions { Packed = true, QueueSize = 8 });
        guest.FrontEnd.StopQueue(1);
        Assert.Equal(0ul, guest.FrontEnd.Acknowledged(VhostUserRequest.SetVringBase, [1 | (ulong)position << 32], []));
        Assert.NotEqual(0ul, guest.FrontEnd.Acknowledged(VhostUserRequest.SetVringKick, [1], [guest.Ring.Kick.Number]));
        Assert.Contains("a packed ring of 8", Assert.Single(device.Log.Lines), StringComparison.Ordinal);
    }

    private static unsafe void WriteFault(ConnectedGuest guest, string fault)
    {
        // INIT took the ring's first descriptor.
        (Func<ConnectedGuest, ulong> address, uint length, int flags, int count) = Faults[fault];
        for (int i = count; i >= 1; i--)
        {
            int available = i < 8 ? 1 << 7 : 1 << 15;
            PackedDriverRing.SetDescriptor(guest.Ring.Descriptors + 16 * (i % 8), address(guest), length, 0, (ushort)(flags | available));
        }
        Libc.Signal(guest.Ring.Kick.Number);
    }

    private static void SubmitRead(DriverRing ring, int slot, ulong inode, ulong offset)
    {
        FuseClient.Prepare(ring, slot, Opcode.Read, inode, FuseClient.Bytes(new ReadIn { Offset = offset, Size = 4096 }), 4096, (ulong)slot + 100);
        ring.Submit(slot);
    }

    private static unsafe byte[] Payload(DriverRing ring, int slot) => new ReadOnlySpan<byte>(ring.Reply(slot) + DriverRing.ReplyHeader, 4096).ToArray();

    private static void Reap(DriverRing ring, List<int> seen, int count)
    {
        while (seen.Count < count)
        {
            Assert.True(ring.Wait(30_000));
            while (ring.TryReap(out int slot, out int length))
            {
                Assert.Equal(DriverRing.ReplyHeader + 4096, length);
                seen.Add(slot);
            }
        }
    }
}
