using System.Globalization;
using Kaleidofs.Host.VhostUser;
using Kaleidofs.Host.Virtio;
using Kaleidofs.Protocol;
using Kaleidofs.Tests.Support.VhostUser;

namespace Kaleidofs.Tests.Fuzz.Lifecycle;

/// <summary>The program through what becomes of front ends: they come and go by the thousand, die in the middle of a word, pull memory away; and it is told to stop while all are busy.</summary>
public sealed class LifecycleTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Fact]
    public void Ten_thousand_connections_leave_nothing_behind()
    {
        using HostProcess host = HostProcess.Serve("null:", "--log-level", "error");
        using GuestRam ram = new(1 << 20);
        // What a heap and its runtime need to be at home.
        for (int i = 0; i < 200; i++)
        {
            Visit(host.Place);
        }
        ProcessHoldings before = Holdings(host);
        for (int i = 0; i < 10_000; i++)
        {
            if (i % 20 == 0)
            {
                Visit(host.Place);
                continue;
            }
            using FrontEnd frontEnd = FrontEnd.Connect(host.Place);
            switch (i % 5)
            {
                case 1:
                    // Gone in the middle of a message.
                    frontEnd.SendBytes(new byte[i % 7], []);
                    break;
                case 2:
                    // Gone before the answer, with descriptors on their way.
                    frontEnd.Send(VhostUserRequest.AddMemoryRegion, [0, 0x1000, 0x1000, 0x1000, 0], [ram.File.Number]);
                    frontEnd.Send(VhostUserRequest.GetFeatures);
                    break;
                case 3:
                    frontEnd.Start(ram, new FrontEndOptions());
                    break;
                default:
                    frontEnd.Query(VhostUserRequest.GetFeatures);
                    break;
            }
        }
        Visit(host.Place);
        AssertLevel(host, before);
        Assert.Equal(0, host.Stop());
    }

    [Fact]
    public void A_front_end_that_dies_at_any_byte_of_its_start_is_forgotten()
    {
        using HostProcess host = HostProcess.Serve("null:", "--log-level", "error");
        using GuestRam ram = new(4 << 20);
        FrontEndOptions options = new() { QueueSize = 32 };
        using DriverRing ring = DriverRing.Create(ram, options, 1, 4, 4096);
        Visit(host.Place);
        ProcessHoldings before = Holdings(host);
        ulong index = (uint)ring.Index;
        (VhostUserRequest Request, ulong[] Words, int[] Descriptors)[] start =
        [
            (VhostUserRequest.SetProtocolFeatures, [(ulong)ProtocolFeatures.ConfigureMemorySlots], []),
            (VhostUserRequest.SetFeatures, [(ulong)(VhostUserFeatures.Version1 | VhostUserFeatures.ProtocolFeatures)], []),
            (VhostUserRequest.AddMemoryRegion, [0, ram.Regions[0].GuestAddress, ram.Size, ram.Regions[0].UserAddress, 0], [ram.File.Number]),
            (VhostUserRequest.SetVringNum, [index | (ulong)ring.Size << 32], []),
            (VhostUserRequest.SetVringAddress, [index, ring.DescriptorAddress, ring.DeviceAddress, ring.DriverAddress, 0], []),
            (VhostUserRequest.SetVringCall, [index], [ring.Call.Number]),
            (VhostUserRequest.SetVringKick, [index], [ring.Kick.Number]),
            (VhostUserRequest.SetVringEnable, [index | 1ul << 32], []),
            (VhostUserRequest.RemoveMemoryRegion, [0, ram.Regions[0].GuestAddress, ram.Size, ram.Regions[0].UserAddress, 0], []),
        ];
        for (int last = 0; last < start.Length; last++)
        {
            byte[] whole = [.. BitConverter.GetBytes((uint)start[last].Request), 1, 0, 0, 0, .. BitConverter.GetBytes(start[last].Words.Length * 8), .. start[last].Words.SelectMany(BitConverter.GetBytes)];
            for (int cut = 0; cut <= whole.Length; cut++)
            {
                using FrontEnd frontEnd = FrontEnd.Connect(host.Place);
                foreach ((VhostUserRequest request, ulong[] words, int[] descriptors) in start.AsSpan(0, last))
                {
                    frontEnd.Send(request, words, descriptors);
                }
                if (cut > 0)
                {
                    frontEnd.SendBytes(whole.AsSpan(0, cut), start[last].Descriptors);
                }
            }
        }
        Visit(host.Place);
        AssertLevel(host, before);
        Assert.Equal(0, host.Stop());
    }

    [Fact]
    public void Memory_is_added_and_removed_while_the_guest_reads()
    {
        using HostProcess host = HostProcess.Serve("null:", "--log-level", "error");
        using GuestRam more = new(1 << 20);
        Visit(host.Place);
        ProcessHoldings before = Holdings(host);
        using (ConnectedGuest guest = new(host.Place, queues: 2, slots: 4))
        {
            using RingLoad load = Load(guest);
            MemoryRegionLayout layout = new(0x9_0000_0000, more.Size, 0x6666_0000_0000, 0);
            for (int i = 0; i < 2000; i++)
            {
                Assert.Equal(0ul, guest.FrontEnd.AddRegion(layout, more.File.Number));
                Assert.Equal(0ul, guest.FrontEnd.RemoveRegion(layout));
            }
            AssertGoesOn(load);
        }
        AssertLevel(host, before);
        Assert.Equal(0, host.Stop());
    }

    [Fact]
    public void Told_to_stop_while_guests_read_it_ends_and_the_next_one_serves()
    {
        using TemporaryFolder folder = new();
        string[] sockets = [.. Enumerable.Range(0, 4).Select(i => folder.At($"s{i}"))];
        string shares = string.Join(", ", sockets.Select((socket, i) => $$"""{ "name": "{{i}}", "source": "null:", "socket-path": "{{socket}}" }"""));
        for (int life = 0; life < 3; life++)
        {
            using HostProcess host = HostProcess.Host($$"""{ "shares": [{{shares}}] }""", sockets);
            List<ConnectedGuest> guests = [.. sockets.Select(socket => new ConnectedGuest(socket, queues: 2, slots: 4))];
            List<RingLoad> loads = [.. guests.Select(Load)];
            loads.ForEach(AssertGoesOn);
            Assert.Equal(0, host.Stop());
            Assert.DoesNotContain(sockets, File.Exists);
            loads.ForEach(load => load.Dispose());
            guests.ForEach(guest => guest.Dispose());
        }
    }

    private static void Visit(string path)
    {
        using ConnectedGuest guest = new(path, new FrontEndOptions { QueueSize = 16 });
        Assert.Equal(Errno.None, guest.Client.GetAttributes(FileSystem.RootInode).Errno);
    }

    private static ProcessHoldings Holdings(HostProcess host) => ProcessHoldings.Of(host.Id.ToString(CultureInfo.InvariantCulture));

    private static void AssertLevel(HostProcess host, ProcessHoldings before)
        => Assert.True(SpinWait.SpinUntil(() => Holdings(host).IsWithin(before), Patience), $"{before} became {Holdings(host)}");

    private static RingLoad Load(ConnectedGuest guest) => new(guest.Rings, Opcode.GetAttr, FileSystem.RootInode, 104, new byte[16]);

    private static void AssertGoesOn(RingLoad load)
    {
        long before = load.Answers;
        Assert.True(SpinWait.SpinUntil(() => load.Answers > before + 1000, Patience));
    }
}
