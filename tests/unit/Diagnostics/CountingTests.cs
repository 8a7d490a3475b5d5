using System.Text;
using Kaleidofs.Diagnostics;
using Kaleidofs.Engine;
using Kaleidofs.Protocol;
using Kaleidofs.Tests.Support;
using Kaleidofs.Tests.Support.Memory;
using Kaleidofs.Tests.Support.VhostUser;
using Kaleidofs.Tests.Unit.VhostUser;

namespace Kaleidofs.Tests.Unit.Diagnostics;

/// <summary>A known series of requests is counted exactly, whatever way it takes.</summary>
public sealed class CountingTests
{
    private static readonly byte[] GetRoot = FuseMessage.Build(Opcode.GetAttr, FileSystem.RootInode, new GetAttrIn());

    [Fact]
    public void Operations_bytes_and_errors_are_counted_by_opcode()
    {
        RemoteFileSystem remote = new();
        ulong inode = remote.AddFile("file", Encoding.UTF8.GetBytes("content"));
        MemoryTransport transport = new(remote);
        ulong handle = FuseMessage.BodyOf<OpenOut>(transport.Call(FuseMessage.Build(Opcode.Open, inode, new OpenIn()))).Handle;
        for (int i = 0; i < 5; i++)
        {
            transport.Read(inode, handle, 3, 100);
        }
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(Errno.ENOENT, FuseMessage.ErrorOf(transport.Lookup(1, "nothing")));
        }
        transport.Call(FuseMessage.Build(Opcode.Write, inode, new WriteIn { Handle = handle, Size = 6 }, "abcdef"u8));
        transport.Call(FuseMessage.Build(Opcode.Forget, inode, new ForgetIn { LookupCount = 1 }));

        OperationTotal read = Total(transport, Opcode.Read);
        Assert.Equal((5, 5 * 4, 0), (read.Operations, read.Sent, read.Received));
        OperationTotal lookup = Total(transport, Opcode.Lookup);
        Assert.Equal((3, 0), (lookup.Operations, lookup.Sent));
        Assert.Equal([new(Errno.ENOENT, 3)], lookup.Errors);
        Assert.Equal(6, Total(transport, Opcode.Write).Received);
        Assert.Equal((1, 0), (Total(transport, Opcode.Forget).Operations, Total(transport, Opcode.Forget).Sent));
        Assert.Equal([Opcode.Lookup, Opcode.Forget, Opcode.Open, Opcode.Read, Opcode.Write, Opcode.Init],
            transport.Session.Counters.ReadOperations().Select(total => total.Opcode));
    }

    [Fact]
    public void What_is_no_request_is_counted_as_an_error_of_no_opcode()
    {
        MemoryTransport transport = new(new PatternFileSystem());
        transport.Call([1, 2, 3]);
        transport.Call(FuseMessage.Build((Opcode)uint.MaxValue, 1));
        transport.Call(FuseMessage.Build((Opcode)int.MaxValue, 1));
        transport.Call(FuseMessage.Build(0, 1));
        OperationTotal total = Total(transport, 0);
        Assert.Equal(4, total.Operations);
        Assert.Equal([new(Errno.EINVAL, 1), new(Errno.ENOSYS, 3)], total.Errors);
    }

    [Fact]
    public void A_driver_s_error_number_may_be_anything()
    {
        QueueCounters counters = new(1);
        using MemoryRequest request = new();
        request.Prepare(GetRoot, 0).Load(new Allowance(0));
        foreach (Errno errno in (Errno[])[(Errno)(-1), (Errno)134, (Errno)int.MaxValue, (Errno)int.MinValue, (Errno)133])
        {
            counters.Count(request, 0, 0, errno);
        }
        OperationTotal total = new(Opcode.GetAttr);
        counters.AddAllTo(total);
        Assert.Equal([new(Errno.None, 4), new((Errno)133, 1)], total.Errors);
        Assert.Equal("other", OperationTotal.NameOf(Errno.None));
    }

    [Fact]
    public void The_first_operations_are_timed_all_and_then_a_sample_stands_for_the_rest()
    {
        MemoryTransport transport = new(new PatternFileSystem());
        for (int i = 0; i < 64; i++)
        {
            transport.Call(GetRoot);
        }
        Assert.Equal(64, Total(transport, Opcode.GetAttr).Latency.Count);
        for (int i = 0; i < 9936; i++)
        {
            transport.Call(GetRoot);
        }
        OperationTotal total = Total(transport, Opcode.GetAttr);
        Assert.Equal(10_000, total.Operations);
        Assert.InRange(total.Latency.Count, 10_000 - 512, 10_000);
    }

    [Fact]
    public async Task What_waits_is_outstanding_until_it_is_answered_and_is_timed_exactly()
    {
        TaskCompletionSource gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        RemoteFileSystem remote = new();
        MemoryTransport transport = new(remote);
        remote.Gate = _ => gate.Task;
        Task<byte[]>[] waiting = [.. Enumerable.Range(0, 200).Select(_ => transport.CallAsync(GetRoot))];
        Assert.Equal(200, Assert.Single(transport.Session.Counters.ReadQueues()).Outstanding);
        await Task.Delay(20);
        gate.SetResult();
        await Task.WhenAll(waiting);
        OperationTotal total = Total(transport, Opcode.GetAttr);
        Assert.Equal((200, 200, 200), (total.Operations, total.Waited, total.Latency.Count));
        // Timers are a little early at worst.
        Assert.Equal(0, total.Latency.CountBelow(1 << 24));
        Assert.Equal(0, Assert.Single(transport.Session.Counters.ReadQueues()).Outstanding);
    }

    [Fact]
    public async Task A_virtual_machine_s_requests_are_counted_and_go_on_counting_after_it_comes_again()
    {
        PatternFileSystem fileSystem = new();
        await using ServedDevice device = new(fileSystem);
        for (int visit = 1; visit <= 3; visit++)
        {
            using (ConnectedGuest guest = new(device.Path, queues: 2))
            {
                FuseClient[] clients = [guest.Client, new FuseClient(guest.Rings[1])];
                for (int i = 0; i < 100; i++)
                {
                    Assert.Equal(Errno.None, clients[i % 2].Read(PatternFileSystem.FileInode, 0, 0, 1000).Errno);
                }
                // What waits is the same queue's, and counted once it is answered.
                FuseClient.Prepare(guest.Ring, 0, Opcode.Read, PatternFileSystem.SlowInode, FuseClient.Bytes(new ReadIn { Size = 500 }), 500, 1_000_000);
                guest.Ring.Submit(0);
                guest.Ring.Publish();
                Await(() => fileSystem.Waiting == 1);
                Await(() => device.Session.Counters.ReadQueues()[0].Outstanding == 1);
                fileSystem.Release();
                Assert.Equal(Errno.None, guest.Client.Finish().Errno);
            }
            Await(() => device.Session.Counters.ReadQueues().All(queue => !queue.IsOpen));
            OperationTotal read = device.Session.Counters.ReadOperations().Single(total => total.Opcode == Opcode.Read);
            Assert.Equal((101 * visit, 1 * visit, 100_500 * visit), (read.Operations, read.Waited, read.Sent));
            IReadOnlyList<QueueTotal> queues = device.Session.Counters.ReadQueues();
            Assert.Equal([1, 2], queues.Select(queue => queue.Queue));
            // INIT, half of the reads, and the one that waited; one request at a time.
            Assert.Equal([52 * visit, 50 * visit], queues.Select(queue => queue.Operations));
            Assert.All(queues, queue => Assert.InRange(queue.Batches, 1, queue.Operations));
            Assert.All(queues, queue => Assert.InRange(queue.Signals, 1, queue.Operations));
        }
    }

    private static OperationTotal Total(MemoryTransport transport, Opcode opcode)
        => transport.Session.Counters.ReadOperations().Single(total => total.Opcode == opcode);

    private static void Await(Func<bool> condition)
    {
        Deadline deadline = Deadline.After(TimeSpan.FromSeconds(60));
        while (!condition())
        {
            Assert.False(deadline.HasPassed);
            Thread.Sleep(5);
        }
    }
}
