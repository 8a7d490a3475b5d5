using System.Buffers.Binary;
using Kaleidofs.Host.Linux;
using Kaleidofs.Host.VhostUser;
using Kaleidofs.Host.Virtio;
using Kaleidofs.Tests.Support;
using Kaleidofs.Tests.Support.VhostUser;

namespace Kaleidofs.Tests.Unit.VhostUser;

/// <summary>Front ends that send nonsense: it is refused, at worst their connection ends, and the next one is served.</summary>
public sealed class HostileFrontEndTests
{
    private const uint Version = 1;

    [Fact]
    public async Task Unknown_messages_are_refused_and_the_connection_goes_on()
    {
        await using ServedDevice device = new(new PatternFileSystem());
        using FrontEnd frontEnd = device.ConnectNegotiated();
        foreach (uint request in (uint[])[0, 6, 7, 19, 20, 22, 31, 39, 40, 42, 44, 45, 1000, uint.MaxValue])
        {
            Assert.NotEqual(0ul, frontEnd.Acknowledged((VhostUserRequest)request, [1, 2], []));
        }
        Assert.Equal(65ul, frontEnd.Query(VhostUserRequest.GetQueueNum));
        Assert.Contains(device.Log.Lines, line => line.Contains("1000 refused: not a message that this device knows", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Messages_of_a_wrong_size_are_refused_and_the_connection_goes_on()
    {
        await using ServedDevice device = new(new PatternFileSystem());
        using FrontEnd frontEnd = device.ConnectNegotiated();
        foreach (VhostUserRequest request in Enum.GetValues<VhostUserRequest>())
        {
            MessageRule rule = MessageRule.Find(request) ?? throw new InvalidOperationException($"{request} has no rule");
            if (rule.HasReply)
            {
                continue;
            }
            foreach (int size in (int[])[rule.MinSize - 1, rule.MaxSize + 1, 4096])
            {
                if (size < 0 || (size >= rule.MinSize && size <= rule.MaxSize))
                {
                    continue;
                }
                frontEnd.SendRaw((uint)request, Version | 8, new byte[size], []);
                Assert.NotEqual(0ul, BitConverter.ToUInt64(frontEnd.ReceiveReply(request)));
            }
        }
        Assert.Equal(65ul, frontEnd.Query(VhostUserRequest.GetQueueNum));
    }

    public static TheoryData<string, byte[]> LostFramings => new()
    {
        { "a payload longer than any", Header(3, Version, 5000) },
        { "a payload of 4 GiB", Header(3, Version, uint.MaxValue) },
        { "another version", Header(3, 2, 0) },
        { "a reply", Header(3, Version | 4, 0) },
        { "no header at all", [1, 2, 3] },
        { "a payload that ends early", [.. Header(2, Version, 8), 1, 2, 3] },
        { "text", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray() },
    };

    [Theory]
    [MemberData(nameof(LostFramings))]
    public async Task A_connection_whose_framing_is_lost_ends_and_the_next_is_served(string what, byte[] bytes)
    {
        await using ServedDevice device = new(new PatternFileSystem());
        using (FrontEnd frontEnd = device.ConnectNegotiated())
        {
            frontEnd.SendBytes(bytes, []);
            _ = FrontEndLibc.Shutdown(frontEnd.Descriptor, 1);
            Assert.True(frontEnd.IsClosedByPeer(Deadline.After(TimeSpan.FromSeconds(10))), what);
        }
        device.AssertServes();
        Assert.Contains(device.Log.Lines, line => line.Contains("the vhost-user connection ends", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_query_that_makes_no_sense_ends_its_connection()
    {
        await using ServedDevice device = new(new PatternFileSystem());
        using FrontEnd frontEnd = device.ConnectNegotiated();
        frontEnd.Send(VhostUserRequest.GetVringBase, 200);
        Assert.True(frontEnd.IsClosedByPeer(Deadline.After(TimeSpan.FromSeconds(10))));
        device.AssertServes();
    }

    [Fact]
    public async Task A_front_end_that_is_refused_again_and_again_is_let_go()
    {
        await using ServedDevice device = new(new PatternFileSystem());
        using FrontEnd frontEnd = device.ConnectNegotiated();
        for (int i = 0; i < 1000; i++)
        {
            frontEnd.Send((VhostUserRequest)777);
        }
        Assert.True(frontEnd.IsClosedByPeer(Deadline.After(TimeSpan.FromSeconds(10))));
        Assert.True(device.Log.Lines.Length < 200);
        device.AssertServes();
    }

    public static TheoryData<string, ulong, ulong, ulong, ulong> BadRegions => new()
    {
        { "size 0", 0x10_0000, 0, 0x10_0000, 0 },
        { "a size that no machine has", 0x10_0000, ulong.MaxValue, 0x10_0000, 0 },
        { "guest addresses that wrap", ulong.MaxValue - 0x100, 0x1000, 0x10_0000, 0 },
        { "user addresses that wrap", 0x10_0000, 0x1000, ulong.MaxValue - 0x100, 0 },
        { "an offset beyond the file", 0x10_0000, 0x1000, 0x10_0000, 0x100_0000 },
        { "an offset that wraps", 0x10_0000, 0x1000, 0x10_0000, ulong.MaxValue - 0x7ff },
        { "more than the file has", 0x10_0000, 0x20_0000, 0x10_0000, 0 },
        { "one byte more than the file has", 0x10_0000, 0x10_0001, 0x10_0000, 0 },
        { "guest addresses of another region", 0x1_0000_0800, 0x1000, 0x10_0000, 0 },
        { "user addresses of another region", 0x10_0000, 0x1000, 0x5555_0000_0800, 0 },
    };

    [Theory]
    [MemberData(nameof(BadRegions))]
    public async Task A_region_that_cannot_be_is_refused_and_the_rest_goes_on(string what, ulong guest, ulong size, ulong user, ulong offset)
    {
        await using ServedDevice device = new(new PatternFileSystem());
        using ConnectedGuest served = new(device.Path);
        using GuestRam other = new(1 << 20);
        Assert.True(served.FrontEnd.AddRegion(new MemoryRegionLayout(guest, size, user, offset), other.File.Number) != 0, what);
        Assert.NotEqual(0ul, served.FrontEnd.RemoveRegion(new MemoryRegionLayout(guest, size, user, offset)));
        Assert.Equal(Errno.None, served.Client.GetAttributes(FileSystem.RootInode).Errno);
    }

    [Fact]
    public async Task A_table_of_overlapping_regions_is_refused_whole()
    {
        await using ServedDevice device = new(new PatternFileSystem());
        using GuestRam ram = new(1 << 20);
        using FrontEnd frontEnd = device.ConnectNegotiated();
        MemoryRegionLayout[] overlapping = [new(0, 0x2000, 0x100_0000, 0), new(0x1000, 0x2000, 0x200_0000, 0)];
        Assert.NotEqual(0ul, frontEnd.SetTable(overlapping, ram.File.Number));
        Assert.NotEqual(0ul, frontEnd.RemoveRegion(overlapping[0]));
        // A count that the message does not hold.
        Assert.NotEqual(0ul, frontEnd.Acknowledged(VhostUserRequest.SetMemoryTable, [uint.MaxValue, 0, 0x1000, 0, 0], [ram.File.Number]));
        Assert.NotEqual(0ul, frontEnd.Acknowledged(VhostUserRequest.SetMemoryTable, [8, 0, 0x1000, 0, 0], [.. Enumerable.Repeat(ram.File.Number, 8)]));
    }

    [Fact]
    public async Task No_more_regions_are_held_than_slots_were_promised()
    {
        await using ServedDevice device = new(new PatternFileSystem());
        using GuestRam ram = new(1 << 20);
        using FrontEnd frontEnd = device.ConnectNegotiated();
        ulong slots = frontEnd.Query(VhostUserRequest.GetMaxMemorySlots);
        MemoryRegionLayout Region(ulong i) => new(i << 20, 4096, i << 20, 0);
        for (ulong i = 1; i <= slots; i++)
        {
            Assert.Equal(0ul, frontEnd.AddRegion(Region(i), ram.File.Number));
        }
        Assert.NotEqual(0ul, frontEnd.AddRegion(Region(slots + 1), ram.File.Number));
        Assert.Equal(0ul, frontEnd.RemoveRegion(Region(7)));
        Assert.Equal(0ul, frontEnd.AddRegion(Region(slots + 1), ram.File.Number));
    }

    [Theory]
    [InlineData("a ring of 0", (uint)VhostUserRequest.SetVringNum, 1ul)]
    [InlineData("a ring of 3", (uint)VhostUserRequest.SetVringNum, 1 | 3ul << 32)]
    [InlineData("a ring of 65536", (uint)VhostUserRequest.SetVringNum, 1 | 65536ul << 32)]
    [InlineData("a queue that is not there", (uint)VhostUserRequest.SetVringNum, 65 | 8ul << 32)]
    [InlineData("a queue of a negative number", (uint)VhostUserRequest.SetVringNum, 0xffffffff | 8ul << 32)]
    [InlineData("a base beyond 16 bits", (uint)VhostUserRequest.SetVringBase, 1 | 65536ul << 32)]
    [InlineData("an enable of 2", (uint)VhostUserRequest.SetVringEnable, 1 | 2ul << 32)]
    [InlineData("a feature that was not offered", (uint)VhostUserRequest.SetFeatures, 1ul << 33)]
    [InlineData("a protocol feature that was not offered", (uint)VhostUserRequest.SetProtocolFeatures, 1ul << 40)]
    public async Task A_value_that_cannot_be_is_refused(string what, uint request, ulong value)
    {
        await using ServedDevice device = new(new PatternFileSystem());
        using FrontEnd frontEnd = device.ConnectNegotiated();
        Assert.True(frontEnd.Acknowledged((VhostUserRequest)request, [value], []) != 0, what);
    }

    [Theory]
    [InlineData(0x10, 0x1_0000, 0x2_0000, "outside the guest's memory")]
    [InlineData(0x5555_0000_0008, 0x5555_0001_0000, 0x5555_0002_0000, "aligned")]
    [InlineData(0x5555_0000_0000, 0x5555_0001_0001, 0x5555_0002_0000, "aligned")]
    [InlineData(0x5555_0000_0000, 0x5555_0001_0000, 0x5555_0002_0002, "aligned")]
    [InlineData(0x5555_00ff_fff0, 0x5555_0001_0000, 0x5555_0002_0000, "outside the guest's memory")]
    [InlineData(0x5555_0000_0000, 0x5555_00ff_fffe, 0x5555_0002_0000, "outside the guest's memory")]
    [InlineData(0x5555_0000_0000, 0x5555_0001_0000, 0x5555_00ff_fffc, "outside the guest's memory")]
    [InlineData(0xffff_ffff_ffff_fff0, 0x5555_0001_0000, 0x5555_0002_0000, "outside the guest's memory")]
    public async Task A_ring_that_is_not_in_the_guests_memory_does_not_start(ulong descriptors, ulong available, ulong used, string why)
    {
        await using ServedDevice device = new(new PatternFileSystem());
        using ConnectedGuest guest = new(device.Path);
        using DriverRing ring = DriverRing.Create(guest.Ram, guest.Options, 2, 1, 4096);
        guest.FrontEnd.Send(VhostUserRequest.SetVringNum, 2 | 256ul << 32);
        guest.FrontEnd.Send(VhostUserRequest.SetVringAddress, 2, descriptors, used, available, 0);
        Assert.NotEqual(0ul, guest.FrontEnd.Acknowledged(VhostUserRequest.SetVringKick, [2], [ring.Kick.Number]));
        Assert.Contains(device.Log.Lines, line => line.Contains(why, StringComparison.Ordinal));
        Assert.Equal(Errno.None, guest.Client.GetAttributes(FileSystem.RootInode).Errno);
    }

    [Fact]
    public async Task A_call_descriptor_that_blocks_its_writer_hangs_nothing()
    {
        await using ServedDevice device = new(new PatternFileSystem());
        using ConnectedGuest guest = new(device.Path);
        using FileDescriptor full = FileDescriptor.Own(FrontEndLibc.EventFd(0, FrontEndLibc.O_CLOEXEC), "eventfd");
        Fill(full);
        Assert.Equal(0ul, guest.FrontEnd.Acknowledged(VhostUserRequest.SetVringCall, [1], [full.Number]));
        Assert.Equal(0ul, guest.FrontEnd.Acknowledged(VhostUserRequest.SetVringCall, [1], [guest.Ring.Call.Number]));
        Assert.Equal(Errno.None, guest.Client.GetAttributes(FileSystem.RootInode).Errno);
    }

    [Theory]
    [InlineData((uint)VhostUserRequest.SetVringCall)]
    [InlineData((uint)VhostUserRequest.SetVringKick)]
    [InlineData((uint)VhostUserRequest.SetVringError)]
    public async Task What_is_no_eventfd_is_refused_as_one(uint request)
    {
        await using ServedDevice device = new(new PatternFileSystem());
        using FrontEnd frontEnd = device.ConnectNegotiated();
        using GuestRam ram = new(4096);
        Assert.NotEqual(0ul, frontEnd.Acknowledged((VhostUserRequest)request, [1], [ram.File.Number]));
        Assert.NotEqual(0ul, frontEnd.Acknowledged((VhostUserRequest)request, [1], [frontEnd.Descriptor]));
    }

    [Fact]
    public async Task A_kick_descriptor_that_cannot_be_waited_for_is_refused()
    {
        await using ServedDevice device = new(new PatternFileSystem());
        using ConnectedGuest guest = new(device.Path);
        using DriverRing ring = DriverRing.Create(guest.Ram, guest.Options, 2, 1, 4096);
        guest.FrontEnd.Send(VhostUserRequest.SetVringNum, 2 | (ulong)ring.Size << 32);
        guest.FrontEnd.Send(VhostUserRequest.SetVringAddress, 2, ring.DescriptorAddress, ring.DeviceAddress, ring.DriverAddress, 0);
        Assert.NotEqual(0ul, guest.FrontEnd.Acknowledged(VhostUserRequest.SetVringKick, [2], [guest.Ram.File.Number]));
    }

    /// <summary>The next write to it waits for a reader.</summary>
    private static unsafe void Fill(FileDescriptor eventFd)
    {
        ulong most = ulong.MaxValue - 1;
        Assert.Equal(sizeof(ulong), Libc.Write(eventFd.Number, &most, sizeof(ulong)));
    }

    private static byte[] Header(uint request, uint flags, uint size)
    {
        byte[] header = new byte[12];
        BinaryPrimitives.WriteUInt32LittleEndian(header, request);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(4), flags);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(8), size);
        return header;
    }
}
