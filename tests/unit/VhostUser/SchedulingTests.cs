using Kaleidofs.Caching;
using Kaleidofs.Drivers.Archive;
using Kaleidofs.Drivers.Archive.Decoding;
using Kaleidofs.Drivers.Null;
using Kaleidofs.Host.Linux;
using Kaleidofs.Protocol;
using Kaleidofs.Tests.Support;
using Kaleidofs.Tests.Support.VhostUser;
using Kaleidofs.Tests.Unit.Archive;
using Xunit.Abstractions;

namespace Kaleidofs.Tests.Unit.VhostUser;

/// <summary>
/// What a share gets beside a busy one of the same process, in numbers. Only counts of the same second are compared with
/// each other, as a busy machine slows both down.
/// </summary>
[Collection(SchedulingCollection.Name)]
public sealed class SchedulingTests(ITestOutputHelper output) : IDisposable
{
    private const int BusyQueues = 4;
    private const int BusyDepth = 256;
    private const int BusyRoom = 4096;
    private const int FileRoom = 12 << 10;

    /// <summary>
    /// Whoever stands in line behind all that the busy share has asked for gets one answer for each 1,024 of its; whose thread has an equal
    /// part of the CPUs beside its 16, one for 50 or so, as inflating costs some times as much.
    /// </summary>
    private const int LeastPart = 200;

    private static readonly TimeSpan WarmUp = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Duration = TimeSpan.FromMilliseconds(600);

    private readonly TemporaryDirectory _directory = new();
    private readonly ContentCache _cache = new(0);

    public void Dispose()
    {
        _cache.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_queue_gets_its_part_beside_four_of_another_share_that_never_rest()
    {
        await using ServedDevice busy = new(new NullFileSystem(1 << 30, 10));
        await using ServedDevice quiet = new(new NullFileSystem(1 << 30, 10));
        using ConnectedGuest busyGuest = Connect(busy, BusyQueues, BusyDepth);
        using ConnectedGuest quietGuest = Connect(quiet, 1, BusyDepth);
        using RingLoad others = Ask(busyGuest, Opcode.GetAttr, FileSystem.RootInode, default(GetAttrIn));
        using RingLoad own = Ask(quietGuest, Opcode.GetAttr, FileSystem.RootInode, default(GetAttrIn));
        Measure(others, own);
        // An equal part is what each of the busy queues has.
        Assert.InRange(own.Counted, others.Counted / BusyQueues / 4, long.MaxValue);
        Assert.InRange(own.Percentile(0.99), 0, 1000);
    }

    [Theory]
    [InlineData(BurningPlace.QueueThread)]
    [InlineData(BurningPlace.ThreadPool)]
    [InlineData(BurningPlace.ShareThreads)]
    public async Task What_is_at_hand_is_answered_beside_a_driver_that_burns_the_CPU(BurningPlace place)
    {
        await using ServedDevice quiet = new(new NullFileSystem(1 << 30, 10));
        await AssertIsServed(place, quiet, Opcode.GetAttr, FileSystem.RootInode, default(GetAttrIn));
    }

    [Theory]
    [InlineData(BurningPlace.QueueThread)]
    [InlineData(BurningPlace.ThreadPool)]
    [InlineData(BurningPlace.ShareThreads)]
    public async Task What_must_be_inflated_is_answered_beside_a_driver_that_burns_the_CPU(BurningPlace place)
    {
        ZipWriter zip = new();
        zip.Add("file"u8.ToArray(), TestContent.MakeText(1, 1 << 20), method: 8);
        DriverContext context = new() { Source = _directory.Write("x.zip", zip.ToArray()), Scheme = "archive", Cache = _cache, Files = new DiskReader() };
        await using FileSystem archive = await new ArchiveDriver().OpenAsync(context, CancellationToken.None);
        Result<Entry> file = await archive.LookupAsync(default, FileSystem.RootInode, "file"u8.ToArray());
        await using ServedDevice quiet = new(archive);
        await AssertIsServed(place, quiet, Opcode.Read, file.Value.Attributes.Inode, [.. Enumerable.Range(0, 8).Select(i => new ReadIn { Offset = (ulong)i * DecodedStream.BlockLength, Size = FileRoom })]);
    }

    private async Task AssertIsServed<T>(BurningPlace place, ServedDevice quiet, Opcode opcode, ulong inode, params T[] bodies) where T : unmanaged
    {
        await using ServedDevice busy = new(new BurningFileSystem(place, new DiskReader()));
        using ConnectedGuest busyGuest = Connect(busy, BusyQueues, BusyDepth);
        using ConnectedGuest quietGuest = Connect(quiet, queues: 1, depth: 1);
        // What is compiled at its first use is compiled before the busy share begins.
        for (int i = 0; i < 50; i++)
        {
            Assert.Equal(Errno.None, quietGuest.Client.Call(opcode, inode, FuseClient.Bytes(bodies[i % bodies.Length]), FileRoom).Errno);
        }
        using RingLoad others = Ask(busyGuest, Opcode.Read, 2, new ReadIn { Size = 4096 });
        using RingLoad own = Ask(quietGuest, opcode, inode, bodies);
        Measure(others, own);
        Assert.InRange(own.Counted, Math.Max(1, others.Counted / LeastPart), long.MaxValue);
        Assert.InRange(own.Percentile(0.99), 0, others.Percentile(0.5));
    }

    private static ConnectedGuest Connect(ServedDevice device, int queues, int depth)
        => new(device.Path, new FrontEndOptions { QueueSize = 1024 }, queues, depth, maxPayload: depth == 1 ? FileRoom : BusyRoom);

    private static RingLoad Ask<T>(ConnectedGuest guest, Opcode opcode, ulong inode, params T[] bodies) where T : unmanaged
        => new(guest.Rings, opcode, inode, opcode == Opcode.GetAttr ? 104 : guest.Ring.Slots == 1 ? FileRoom : BusyRoom, [.. bodies.Select(FuseClient.Bytes)]);

    private void Measure(RingLoad others, RingLoad own)
    {
        Thread.Sleep(WarmUp);
        others.StartCounting();
        own.StartCounting();
        Thread.Sleep(Duration);
        // Where the pool's threads are busy with something else, the burning has no turn for a while: beside nothing there is nothing to compare with.
        for (var deadline = Deadline.After(TimeSpan.FromSeconds(30)); others.Counted == 0 && !deadline.HasPassed;)
        {
            Thread.Sleep(10);
        }
        Assert.NotEqual(0, others.Counted);
        others.StopCounting();
        own.StopCounting();
        others.Dispose();
        own.Dispose();
        output.WriteLine($"{own.Counted} answers, 99% in {own.Percentile(0.99):0.0} ms, beside {others.Counted}, half of them in {others.Percentile(0.5):0.0} ms");
        Assert.Equal(0, own.Failures + others.Failures);
    }
}
