using Kaleidofs.Host.VhostUser;
using Kaleidofs.Protocol;
using Kaleidofs.Tests.Support;
using Kaleidofs.Tests.Support.VhostUser;

namespace Kaleidofs.Tests.Unit.VhostUser;

/// <summary>What front ends bring along is given back. These tests count what the whole process holds, and so run alone.</summary>
[Collection(nameof(LeakTests))]
[CollectionDefinition(nameof(LeakTests), DisableParallelization = true)]
public sealed class LeakTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Wrong_numbers_of_descriptors_are_refused_and_none_leaks()
    {
        await using ServedDevice device = new(new PatternFileSystem());
        using GuestRam ram = new(1 << 20);
        int file = ram.File.Number;
        using FrontEnd frontEnd = device.ConnectNegotiated();
        int before = OpenDescriptors();
        for (int i = 0; i < 10; i++)
        {
            Assert.NotEqual(0ul, frontEnd.Acknowledged(VhostUserRequest.AddMemoryRegion, [0, 0x1000, 0x1000, 0x1000, 0], []));
            Assert.NotEqual(0ul, frontEnd.Acknowledged(VhostUserRequest.AddMemoryRegion, [0, 0x1000, 0x1000, 0x1000, 0], [file, file]));
            Assert.NotEqual(0ul, frontEnd.Acknowledged(VhostUserRequest.SetVringKick, [1], []));
            Assert.NotEqual(0ul, frontEnd.Acknowledged(VhostUserRequest.SetVringKick, [1 | 0x100], [file]));
            Assert.NotEqual(0ul, frontEnd.Acknowledged(VhostUserRequest.SetVringNum, [1], [file, file, file]));
            Assert.NotEqual(0ul, frontEnd.Acknowledged(VhostUserRequest.SetMemoryTable, [1, 0x1000, 0x1000, 0x1000, 0], [file, file]));
        }
        Assert.Equal(before, OpenDescriptors());
        // More than any message has: what came along is closed, and so is the connection.
        frontEnd.Send(VhostUserRequest.SetOwner, [], [.. Enumerable.Repeat(file, 200)]);
        Assert.True(frontEnd.IsClosedByPeer(Deadline.After(TimeSpan.FromSeconds(10))));
        device.AssertServes();
        Assert.True(SpinWait.SpinUntil(() => OpenDescriptors() <= before, Patience));
    }

    [Fact]
    public async Task A_request_that_its_driver_never_ends_keeps_neither_thread_nor_descriptor_nor_guest_memory()
    {
        StubbornFileSystem files = new();
        await using ServedDevice device = new(files);
        Assert.True(SpinWait.SpinUntil(() => QueueThreads() == 0, Patience));
        int descriptors = OpenDescriptors();
        int mappings = GuestMappings();
        for (int i = 1; i <= 20; i++)
        {
            using ConnectedGuest guest = new(device.Path);
            FuseClient.Prepare(guest.Ring, 1, Opcode.Read, 2, FuseClient.Bytes(new ReadIn { Size = 4096 }), 4096, 7);
            guest.Ring.Submit(1);
            guest.Ring.Publish();
            Assert.True(SpinWait.SpinUntil(() => files.Waiting == i, Patience));
        }
        Assert.True(SpinWait.SpinUntil(() => QueueThreads() == 0 && OpenDescriptors() <= descriptors && GuestMappings() <= mappings, Patience),
            $"{descriptors} descriptors became {OpenDescriptors()}, {mappings} mappings {GuestMappings()}, {QueueThreads()} threads");
        // They end after all, each on a thread of the pool, with their queue long gone.
        files.Release();
        Assert.True(SpinWait.SpinUntil(() => files.Written == 20, Patience));
        device.AssertServes();
    }

    [Fact]
    public async Task Five_hundred_connections_leave_nothing_behind()
    {
        await using ServedDevice device = new(new PatternFileSystem());
        for (int i = 0; i < 20; i++)
        {
            device.AssertServes();
        }
        Assert.True(SpinWait.SpinUntil(() => QueueThreads() == 0, Patience));
        int descriptors = OpenDescriptors();
        int mappings = GuestMappings();
        for (int i = 0; i < 500; i++)
        {
            if (i % 5 == 0)
            {
                using FrontEnd silent = device.Connect();
                continue;
            }
            device.AssertServes();
        }
        Assert.True(SpinWait.SpinUntil(() => QueueThreads() == 0 && OpenDescriptors() <= descriptors && GuestMappings() <= mappings, Patience),
            $"{descriptors} descriptors became {OpenDescriptors()}, {mappings} mappings {GuestMappings()}, {QueueThreads()} threads");
    }

    [Fact]
    public async Task A_request_that_is_answered_at_once_allocates_nothing()
    {
        AllocationGauge gauge = new(new PatternFileSystem());
        await using ServedDevice device = new(gauge);
        using ConnectedGuest guest = new(device.Path, slots: 8, maxPayload: 4096);
        for (int slot = 0; slot < 8; slot++)
        {
            (Opcode opcode, byte[] body, int room) = (slot % 3) switch
            {
                0 => (Opcode.GetAttr, new byte[16], 104),
                1 => (Opcode.Lookup, "file\0"u8.ToArray(), 128),
                _ => (Opcode.Read, FuseClient.Bytes(new ReadIn { Size = 4096 }), 4096),
            };
            FuseClient.Prepare(guest.Ring, slot, opcode, slot % 3 == 2 ? PatternFileSystem.FileInode : FileSystem.RootInode, body, room, (ulong)slot + 10);
        }
        Turn(guest.Ring, 5000);
        long before = gauge.AllocatedByQueue;
        Turn(guest.Ring, 20_000);
        long allocated = gauge.AllocatedByQueue - before;
        // An object for every hundredth of the 160,000 requests would show; a method that is compiled anew beside them does not.
        Assert.True(allocated < 30_000, $"{allocated} bytes");
        Assert.Empty(device.Log.Lines);
    }

    private static void Turn(DriverRing ring, int rounds)
    {
        for (int i = 0; i < rounds; i++)
        {
            for (int slot = 0; slot < ring.Slots; slot++)
            {
                ring.Submit(slot);
            }
            ring.Publish();
            for (int left = ring.Slots; left > 0;)
            {
                ring.WaitForAnswer();
                while (ring.TryReap(out _, out int length))
                {
                    left--;
                    if (length <= DriverRing.ReplyHeader)
                    {
                        throw new InvalidOperationException("A request failed");
                    }
                }
            }
        }
    }

    /// <summary>Notes what the thread that asks for attributes has allocated so far: the queue's own, whatever others do at the same time.</summary>
    private sealed class AllocationGauge(FileSystem inner) : FileSystemDecorator(inner)
    {
        private long _allocated;

        public long AllocatedByQueue => Volatile.Read(ref _allocated);

        public override ValueTask<Result<CachedAttributes>> GetAttributesAsync(RequestContext context, ulong inode, ulong? handle)
        {
            Volatile.Write(ref _allocated, GC.GetAllocatedBytesForCurrentThread());
            return base.GetAttributesAsync(context, inode, handle);
        }
    }

    // The runtime opens and closes what it likes, but not these kinds.
    private static int OpenDescriptors() => Directory.EnumerateFiles("/proc/self/fd").Count(file =>
    {
        try
        {
            return File.ResolveLinkTarget(file, false) is { } target
                && (target.FullName.Contains("memfd:guest", StringComparison.Ordinal) || target.FullName.Contains("[event", StringComparison.Ordinal));
        }
        catch (IOException)
        {
            return false;
        }
    });

    private static int GuestMappings() => File.ReadLines("/proc/self/maps").Count(line => line.Contains("memfd:guest", StringComparison.Ordinal));

    private static int QueueThreads() => Directory.EnumerateDirectories("/proc/self/task").Count(task =>
    {
        try
        {
            return File.ReadAllText(task + "/comm").StartsWith("share/", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    });
}
