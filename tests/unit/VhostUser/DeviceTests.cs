using Kaleidofs.Host.VhostUser;
using Kaleidofs.Host.Virtio;
using Kaleidofs.Protocol;
using Kaleidofs.Tests.Support.VhostUser;

namespace Kaleidofs.Tests.Unit.VhostUser;

/// <summary>What a guest that keeps to the rules gets from the device.</summary>
public sealed class DeviceTests
{
    [Theory]
    [InlineData(true, true, true)]
    [InlineData(true, false, true)]
    [InlineData(false, true, true)]
    [InlineData(false, false, true)]
    [InlineData(true, true, false)]
    [InlineData(false, false, false)]
    public async Task Requests_are_answered_whatever_was_negotiated(bool indirect, bool eventIndex, bool memorySlots)
    {
        await using ServedDevice device = new(new PatternFileSystem());
        FrontEndOptions options = new() { Indirect = indirect, EventIndex = eventIndex, MemorySlots = memorySlots };
        using ConnectedGuest guest = new(device.Path, options);

        (Errno errno, EntryOut entry) = guest.Client.Lookup(FileSystem.RootInode, "file");
        Assert.Equal((Errno.None, PatternFileSystem.FileInode), (errno, entry.NodeId));
        Assert.Equal(Errno.None, guest.Client.GetAttributes(FileSystem.RootInode).Errno);
        Assert.Equal(PatternFileSystem.Bytes(12345, 60_000), guest.Client.Read(PatternFileSystem.FileInode, 0, 12345, 60_000).Data);
        Assert.Equal(PatternFileSystem.Bytes(PatternFileSystem.Size - 10, 10), guest.Client.Read(PatternFileSystem.FileInode, 0, PatternFileSystem.Size - 10, 4096).Data);
        Assert.Empty(device.Log.Lines);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_ring_goes_on_past_the_wrap_of_its_indices(bool eventIndex)
    {
        await using ServedDevice device = new(new PatternFileSystem());
        using ConnectedGuest guest = new(device.Path, new FrontEndOptions { EventIndex = eventIndex, QueueSize = 8 });
        for (int i = 0; i < 70_000; i++)
        {
            Assert.Equal(Errno.None, guest.Client.GetAttributes(FileSystem.RootInode).Errno);
        }
    }

    [Fact]
    public async Task A_queue_that_spins_before_it_sleeps_serves_as_well()
    {
        await using ServedDevice device = new(new PatternFileSystem(), new VhostUserDeviceOptions { PollMicroseconds = 200 });
        using ConnectedGuest guest = new(device.Path);
        for (int i = 0; i < 1000; i++)
        {
            if (i % 100 == 0)
            {
                await Task.Delay(2);
            }
            Assert.Equal(Errno.None, guest.Client.GetAttributes(FileSystem.RootInode).Errno);
        }
    }

    [Fact]
    public async Task A_front_end_without_kicks_is_polled()
    {
        await using ServedDevice device = new(new PatternFileSystem());
        using ConnectedGuest guest = new(device.Path);
        guest.FrontEnd.StopQueue(1);
        guest.FrontEnd.StartQueue(guest.Ring);
        Assert.Equal(0ul, guest.FrontEnd.Acknowledged(VhostUserRequest.SetVringKick, [1 | 0x100], []));
        // The ring's own kick descriptor is the device's no more: only looking finds these.
        Assert.Equal(Errno.None, guest.Client.GetAttributes(FileSystem.RootInode).Errno);
        Assert.Equal(Errno.None, guest.Client.GetAttributes(FileSystem.RootInode).Errno);
    }

    [Fact]
    public async Task Without_protocol_features_a_ring_is_enabled_from_its_start()
    {
        await using ServedDevice device = new(new PatternFileSystem());
        using GuestRam ram = new(4 << 20);
        using FrontEnd frontEnd = device.Connect();
        FrontEndOptions options = new();
        using DriverRing ring = DriverRing.Create(ram, options, 1, 1, 4096);
        frontEnd.Send(VhostUserRequest.SetOwner);
        frontEnd.Send(VhostUserRequest.SetFeatures, (ulong)(VhostUserFeatures.Version1 | VhostUserFeatures.RingEventIndex | VhostUserFeatures.RingIndirectDescriptors));
        MemoryRegionLayout region = ram.Regions[0];
        frontEnd.Send(VhostUserRequest.SetMemoryTable, [1, region.GuestAddress, region.Size, region.UserAddress, region.FileOffset], [ram.File.Number]);
        frontEnd.Send(VhostUserRequest.SetVringNum, 1 | (ulong)ring.Size << 32);
        frontEnd.Send(VhostUserRequest.SetVringAddress, 1, ring.DescriptorAddress, ring.DeviceAddress, ring.DriverAddress, 0);
        frontEnd.Send(VhostUserRequest.SetVringCall, [1], [ring.Call.Number]);
        frontEnd.Send(VhostUserRequest.SetVringKick, [1], [ring.Kick.Number]);
        FuseClient client = new(ring);
        client.Initialize();
        Assert.Equal(Errno.None, client.GetAttributes(FileSystem.RootInode).Errno);
    }

    [Fact]
    public async Task A_ring_may_be_described_in_any_order_even_before_its_memory()
    {
        await using ServedDevice device = new(new PatternFileSystem());
        using GuestRam ram = new(4 << 20);
        using FrontEnd frontEnd = device.ConnectNegotiated();
        FrontEndOptions options = new();
        using DriverRing ring = DriverRing.Create(ram, options, 1, 1, 4096);
        frontEnd.Send(VhostUserRequest.SetFeatures, (ulong)(VhostUserFeatures.Offered & ~VhostUserFeatures.RingPacked));
        frontEnd.Send(VhostUserRequest.SetVringEnable, 1 | 1ul << 32);
        frontEnd.Send(VhostUserRequest.SetVringAddress, 1, ring.DescriptorAddress, ring.DeviceAddress, ring.DriverAddress, 0);
        frontEnd.Send(VhostUserRequest.SetVringNum, 1 | (ulong)ring.Size << 32);
        frontEnd.Send(VhostUserRequest.SetVringKick, [1], [ring.Kick.Number]);
        frontEnd.Send(VhostUserRequest.SetVringCall, [1], [ring.Call.Number]);
        Assert.Equal(0ul, frontEnd.AddRegion(new MemoryRegionLayout(0x1000, 0x1000, 0x1000, 0), ram.File.Number));
        Assert.Equal(0ul, frontEnd.AddRegion(ram.Regions[0], ram.File.Number));
        FuseClient client = new(ring);
        client.Initialize();
        Assert.Equal(Errno.None, client.GetAttributes(FileSystem.RootInode).Errno);
        Assert.Empty(device.Log.Lines);
    }

    [Fact]
    public async Task Messages_may_arrive_octet_by_octet()
    {
        await using ServedDevice device = new(new PatternFileSystem());
        using FrontEnd frontEnd = device.Connect();
        byte[] message = [17, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0];
        for (int i = 0; i < 3 * message.Length; i++)
        {
            frontEnd.SendBytes([message[i % message.Length]], []);
        }
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(65ul, BitConverter.ToUInt64(frontEnd.ReceiveReply(VhostUserRequest.GetQueueNum)));
        }
    }

    [Fact]
    public async Task Several_queues_serve_at_once()
    {
        await using ServedDevice device = new(new PatternFileSystem());
        using ConnectedGuest guest = new(device.Path, queues: 4);
        Parallel.ForEach(guest.Rings, ring =>
        {
            FuseClient client = new(ring);
            for (ulong i = 0; i < 2000; i++)
            {
                Assert.Equal(PatternFileSystem.Bytes(i * 97, 500), client.Read(PatternFileSystem.FileInode, 0, i * 97, 500).Data);
            }
        });
    }

    [Fact]
    public async Task Buffers_may_cross_regions_that_adjoin_in_the_guest()
    {
        await using ServedDevice device = new(new PatternFileSystem());
        // Slots of 1 MiB in regions of 2 MiB: some buffer lies across a border.
        using ConnectedGuest guest = new(device.Path, slots: 6, maxPayload: 1 << 20, regions: 8);
        for (int slot = 0; slot < guest.Ring.Slots; slot++)
        {
            ReadIn read = new() { Offset = 100, Size = 1 << 20 };
            FuseClient.Prepare(guest.Ring, slot, Opcode.Read, PatternFileSystem.FileInode, FuseClient.Bytes(read), 1 << 20, (ulong)slot + 1000);
            guest.Ring.Submit(slot);
            guest.Ring.Publish();
            (Errno errno, byte[] data) = guest.Client.Finish();
            Assert.Equal(Errno.None, errno);
            Assert.Equal(PatternFileSystem.Bytes(100, (int)PatternFileSystem.Size - 100), data);
        }
    }

    [Fact]
    public async Task What_waits_does_not_hold_up_the_queue_and_completes_later()
    {
        PatternFileSystem files = new();
        await using ServedDevice device = new(files);
        using ConnectedGuest guest = new(device.Path, slots: 64, maxPayload: 4096);
        for (int slot = 1; slot < 64; slot++)
        {
            SubmitRead(guest.Ring, slot, PatternFileSystem.SlowInode, (ulong)slot * 4096);
        }
        guest.Ring.Publish();
        Assert.Equal(PatternFileSystem.Bytes(5, 100), guest.Client.Read(PatternFileSystem.FileInode, 0, 5, 100).Data);
        Assert.True(SpinWait.SpinUntil(() => files.Waiting == 63, TimeSpan.FromSeconds(10)));
        files.Release();
        HashSet<int> seen = [];
        while (seen.Count < 63)
        {
            Assert.True(guest.Ring.Wait(10_000));
            while (guest.Ring.TryReap(out int slot, out int length))
            {
                Assert.True(seen.Add(slot));
                Assert.Equal(DriverRing.ReplyHeader + 4096, length);
                Assert.Equal(PatternFileSystem.Bytes((ulong)slot * 4096, 4096), Payload(guest.Ring, slot, 4096));
            }
        }
    }

    [Fact]
    public async Task A_stopped_queue_has_answered_everything_and_goes_on_where_it_was()
    {
        PatternFileSystem files = new();
        await using ServedDevice device = new(files);
        using ConnectedGuest guest = new(device.Path);
        SubmitRead(guest.Ring, 1, PatternFileSystem.SlowInode, 0);
        guest.Ring.Publish();
        Assert.True(SpinWait.SpinUntil(() => files.Waiting == 1, TimeSpan.FromSeconds(10)));
        Task release = Task.Run(async () =>
        {
            await Task.Delay(50);
            files.Release();
        });
        Assert.Equal(guest.Ring.Position, guest.FrontEnd.StopQueue(1));
        await release;
        Assert.True(guest.Ring.HasAnswer);
        Assert.True(guest.Ring.TryReap(out _, out _));

        guest.FrontEnd.StartQueue(guest.Ring);
        // The session goes on, too: a guest that was only paused sends no INIT.
        Assert.Equal(Errno.None, guest.Client.GetAttributes(FileSystem.RootInode).Errno);
    }

    [Fact]
    public async Task A_queue_that_must_stop_cancels_what_does_not_finish_and_loses_nothing()
    {
        PatternFileSystem files = new();
        await using ServedDevice device = new(files, new VhostUserDeviceOptions { DrainTimeout = TimeSpan.FromMilliseconds(50) });
        using ConnectedGuest guest = new(device.Path);
        SubmitRead(guest.Ring, 0, PatternFileSystem.SlowInode, 0);
        guest.Ring.Publish();
        Assert.True(SpinWait.SpinUntil(() => files.Waiting == 1, TimeSpan.FromSeconds(10)));
        guest.FrontEnd.StopQueue(1);
        Assert.True(guest.Ring.HasAnswer);
        Assert.Equal(Errno.EINTR, guest.Client.Finish().Errno);
        Assert.Equal(1, files.Cancelled);
        guest.FrontEnd.StartQueue(guest.Ring);
        Assert.Equal(Errno.None, guest.Client.GetAttributes(FileSystem.RootInode).Errno);
    }

    [Fact]
    public async Task A_queue_takes_nothing_while_it_is_disabled()
    {
        await using ServedDevice device = new(new PatternFileSystem());
        using ConnectedGuest guest = new(device.Path);
        Assert.Equal(0ul, guest.FrontEnd.Acknowledged(VhostUserRequest.SetVringEnable, [1], []));
        SubmitRead(guest.Ring, 0, PatternFileSystem.FileInode, 0);
        guest.Ring.Publish();
        Assert.False(guest.Ring.Wait(50));
        Assert.Equal(0ul, guest.FrontEnd.Acknowledged(VhostUserRequest.SetVringEnable, [1 | 1ul << 32], []));
        Assert.True(guest.Ring.Wait(10_000));
    }

    [Fact]
    public async Task Requests_that_wait_are_cancelled_when_the_front_end_goes_and_the_next_one_is_served()
    {
        PatternFileSystem files = new();
        await using ServedDevice device = new(files);
        using (ConnectedGuest guest = new(device.Path))
        {
            SubmitRead(guest.Ring, 1, PatternFileSystem.SlowInode, 0);
            guest.Ring.Publish();
            Assert.True(SpinWait.SpinUntil(() => files.Waiting == 1, TimeSpan.FromSeconds(10)));
        }
        Assert.True(SpinWait.SpinUntil(() => files.Cancelled == 1, TimeSpan.FromSeconds(10)));
        using ConnectedGuest next = new(device.Path);
        Assert.Equal(Errno.None, next.Client.GetAttributes(FileSystem.RootInode).Errno);
    }

    [Fact]
    public async Task A_reset_device_waits_for_INIT_and_then_serves_again()
    {
        await using ServedDevice device = new(new PatternFileSystem());
        using ConnectedGuest guest = new(device.Path);
        Assert.Equal(0ul, guest.FrontEnd.Acknowledged(VhostUserRequest.ResetDevice, [], []));
        using DriverRing ring = DriverRing.Create(guest.Ram, guest.Options, 1, 1, 4096);
        guest.FrontEnd.StartQueue(ring);
        FuseClient client = new(ring);
        Assert.Equal(Errno.EIO, client.GetAttributes(FileSystem.RootInode).Errno);
        client.Initialize();
        Assert.Equal(Errno.None, client.GetAttributes(FileSystem.RootInode).Errno);
    }

    [Fact]
    public async Task Memory_comes_and_goes_while_requests_are_in_flight()
    {
        PatternFileSystem files = new();
        await using ServedDevice device = new(files);
        using ConnectedGuest guest = new(device.Path);
        using GuestRam more = new(1 << 20);
        MemoryRegionLayout layout = new(0x9_0000_0000, more.Size, 0x6666_0000_0000, 0);
        for (int i = 0; i < 50; i++)
        {
            SubmitRead(guest.Ring, 1, PatternFileSystem.SlowInode, 0);
            Assert.Equal(0ul, guest.FrontEnd.AddRegion(layout, more.File.Number));
            // The chain's reply lies in the new region, which goes away while the read waits.
            WriteChain(guest.Ring, more, layout.GuestAddress);
            guest.Ring.Submit(0);
            guest.Ring.Publish();
            Assert.True(SpinWait.SpinUntil(() => files.Waiting == 2, TimeSpan.FromSeconds(10)));
            Assert.Equal(0ul, guest.FrontEnd.RemoveRegion(layout));
            files.Release();
            for (int answers = 0; answers < 2;)
            {
                Assert.True(guest.Ring.Wait(10_000));
                while (guest.Ring.TryReap(out _, out _))
                {
                    answers++;
                }
            }
            Assert.Equal(PatternFileSystem.Bytes(0, 4096), more.Span(8192 + 16, 4096).ToArray());
            more.Span(8192, 8192).Clear();
        }
    }

    [Fact]
    public async Task The_configuration_space_is_offered_only_with_a_tag()
    {
        await using ServedDevice silent = new(new PatternFileSystem());
        using (FrontEnd frontEnd = silent.Connect())
        {
            Assert.False(((ProtocolFeatures)frontEnd.Query(VhostUserRequest.GetProtocolFeatures)).HasFlag(ProtocolFeatures.Config));
        }
        await using ServedDevice tagged = new(new PatternFileSystem(), new VhostUserDeviceOptions { Tag = "data", RequestQueues = 3 });
        using FrontEnd asking = tagged.Connect();
        Assert.True(((ProtocolFeatures)asking.Query(VhostUserRequest.GetProtocolFeatures)).HasFlag(ProtocolFeatures.Config));
        byte[] payload = new byte[12 + 40];
        payload[4] = 40;
        asking.SendRaw((uint)VhostUserRequest.GetConfig, 1, payload, []);
        byte[] config = asking.ReceiveReply(VhostUserRequest.GetConfig)[12..];
        Assert.Equal("data"u8.ToArray(), config[..4]);
        Assert.Equal(new byte[32], config[4..36]);
        Assert.Equal(3u, BitConverter.ToUInt32(config, 36));
        payload[4] = 200;
        asking.SendRaw((uint)VhostUserRequest.GetConfig, 1, payload, []);
        Assert.Empty(asking.ReceiveReply(VhostUserRequest.GetConfig));
    }

    [Fact]
    public async Task Acknowledgements_come_when_asked_for_and_only_then()
    {
        await using ServedDevice device = new(new PatternFileSystem());
        using FrontEnd frontEnd = device.Connect();
        // Before REPLY_ACK is negotiated the flag means nothing: the next answer is the query's.
        frontEnd.SendRaw((uint)VhostUserRequest.SetOwner, 1 | 8, [], []);
        Assert.Equal(65ul, frontEnd.Query(VhostUserRequest.GetQueueNum));
        frontEnd.Send(VhostUserRequest.SetProtocolFeatures, (ulong)ProtocolFeatures.ReplyAcknowledge);
        Assert.Equal(0ul, frontEnd.Acknowledged(VhostUserRequest.SetOwner, [], []));
        Assert.NotEqual(0ul, frontEnd.Acknowledged(VhostUserRequest.SetVringNum, [200 | 8ul << 32], []));
        // A query that asks for an acknowledgement gets its answer, and no other.
        frontEnd.SendRaw((uint)VhostUserRequest.GetQueueNum, 1 | 8, [], []);
        Assert.Equal(65ul, BitConverter.ToUInt64(frontEnd.ReceiveReply(VhostUserRequest.GetQueueNum)));
        Assert.Equal(0ul, frontEnd.Acknowledged(VhostUserRequest.SetOwner, [], []));
    }

    [Fact]
    public async Task A_stop_lets_what_is_in_flight_finish()
    {
        PatternFileSystem files = new();
        await using ServedDevice device = new(files);
        using ConnectedGuest guest = new(device.Path);
        SubmitRead(guest.Ring, 1, PatternFileSystem.SlowInode, 0);
        guest.Ring.Publish();
        Assert.True(SpinWait.SpinUntil(() => files.Waiting == 1, TimeSpan.FromSeconds(10)));
        Task stopping = device.StopAsync();
        await Task.Delay(50);
        Assert.False(stopping.IsCompleted);
        files.Release();
        await stopping;
        Assert.True(guest.Ring.HasAnswer);
        Assert.Equal(0, files.Cancelled);
        Assert.False(File.Exists(device.Path));
    }

    private static void SubmitRead(DriverRing ring, int slot, ulong inode, ulong offset)
    {
        ReadIn read = new() { Offset = offset, Size = 4096 };
        FuseClient.Prepare(ring, slot, Opcode.Read, inode, FuseClient.Bytes(read), 4096, (ulong)slot + 5000);
        ring.Submit(slot);
    }

    private static unsafe byte[] Payload(DriverRing ring, int slot, int length) => new ReadOnlySpan<byte>(ring.Reply(slot) + DriverRing.ReplyHeader, length).ToArray();

    /// <summary>An indirect chain at 4096 of the memory, whose reply lies at 8192 of it.</summary>
    private static unsafe void WriteChain(DriverRing ring, GuestRam memory, ulong address)
    {
        byte* table = memory.Pointer(4096);
        ulong request = ring.RequestAddress(1);
        ulong reply = address + 8192;
        SplitDriverRing.SetDescriptor(ring.Descriptors, address + 4096, 16 * 4, 4, 0);
        SplitDriverRing.SetDescriptor(table, request, DriverRing.RequestHeader, 1, 1);
        SplitDriverRing.SetDescriptor(table + 16, request + DriverRing.RequestHeader, 40, 1, 2);
        SplitDriverRing.SetDescriptor(table + 32, reply, DriverRing.ReplyHeader, 2 | 1, 3);
        SplitDriverRing.SetDescriptor(table + 48, reply + DriverRing.ReplyHeader, 4096, 2, 0);
    }
}
