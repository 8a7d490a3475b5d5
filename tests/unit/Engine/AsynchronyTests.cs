using System.Text;
using Kaleidofs.Engine;
using Kaleidofs.Protocol;
using Kaleidofs.Tests.Support.Memory;

namespace Kaleidofs.Tests.Unit.Engine;

public sealed class AsynchronyTests
{
    private readonly RemoteFileSystem _remote = new();
    private readonly RecordingLog _log = new();

    [Fact]
    public async Task Many_requests_wait_without_a_thread_and_complete_in_any_order()
    {
        TaskCompletionSource gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ulong inode = _remote.AddFile("file", Encoding.UTF8.GetBytes("content"));
        MemoryTransport transport = new(_remote);
        ulong handle = FuseMessage.BodyOf<OpenOut>(transport.Call(FuseMessage.Build(Opcode.Open, inode, new OpenIn()))).Handle;
        _remote.Gate = _ => gate.Task;
        List<Task<byte[]>> reads = [];
        for (int i = 0; i < 2000; i++)
        {
            reads.Add(transport.CallAsync(FuseMessage.Build(Opcode.Read, inode, new ReadIn { Handle = handle, Size = 100 }), 200));
        }
        Assert.All(reads, read => Assert.False(read.IsCompleted));
        _remote.Gate = static _ => Task.CompletedTask;
        Assert.Equal("content", Encoding.UTF8.GetString(FuseMessage.PayloadOf(transport.Read(inode, handle, 0, 100))));
        gate.SetResult();
        foreach (byte[] reply in await Task.WhenAll(reads))
        {
            Assert.Equal("content", Encoding.UTF8.GetString(FuseMessage.PayloadOf(reply)));
        }
    }

    [Fact]
    public async Task Interrupt_cancels_the_request_that_it_names_and_no_other()
    {
        _remote.Gate = token => Task.Delay(Timeout.Infinite, token);
        MemoryTransport transport = new(_remote);
        Task<byte[]> first = transport.CallAsync(FuseMessage.Build(Opcode.GetAttr, 1, new GetAttrIn(), unique: 10));
        Task<byte[]> second = transport.CallAsync(FuseMessage.Build(Opcode.GetAttr, 1, new GetAttrIn(), unique: 12));
        byte[] none = await transport.CallAsync(FuseMessage.Build(Opcode.Interrupt, 0, new InterruptIn { Unique = 12 }, unique: 13));
        Assert.Empty(none);
        Assert.Equal(Errno.EINTR, FuseMessage.ErrorOf(await second, unique: 12));
        Assert.False(first.IsCompleted);
        transport.Session.Reset();
        Assert.Equal(Errno.EINTR, FuseMessage.ErrorOf(await first, unique: 10));
    }

    [Fact]
    public async Task Of_two_requests_of_one_number_each_is_cancelled()
    {
        _remote.Gate = token => Task.Delay(Timeout.Infinite, token);
        MemoryTransport transport = new(_remote);
        Task<byte[]> first = transport.CallAsync(FuseMessage.Build(Opcode.GetAttr, 1, new GetAttrIn(), unique: 10));
        Task<byte[]> second = transport.CallAsync(FuseMessage.Build(Opcode.GetAttr, 1, new GetAttrIn(), unique: 10));
        transport.Session.Reset();
        Assert.Equal(Errno.EINTR, FuseMessage.ErrorOf(await first, unique: 10));
        Assert.Equal(Errno.EINTR, FuseMessage.ErrorOf(await second, unique: 10));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_exception_becomes_eio_and_one_line(bool late)
    {
        _remote.Gate = async _ =>
        {
            if (late)
            {
                await Task.Yield();
            }
            throw new InvalidOperationException("the source fell over");
        };
        MemoryTransport transport = new(_remote, log: _log);
        Assert.Equal(Errno.EIO, FuseMessage.ErrorOf(await transport.CallAsync(FuseMessage.Build(Opcode.GetAttr, 1, new GetAttrIn()))));
        Assert.Contains("the source fell over", Assert.Single(_log.Lines));
    }

    [Fact]
    public async Task An_exception_before_the_first_wait_becomes_eio_too()
    {
        MemoryTransport transport = new(new ThrowingFileSystem(), log: _log);
        Assert.Equal(Errno.EIO, FuseMessage.ErrorOf(await transport.CallAsync(FuseMessage.Build(Opcode.GetAttr, 1, new GetAttrIn()))));
        Assert.Single(_log.Lines);
    }

    [Fact]
    public void What_a_guest_left_open_is_released_when_it_goes_away()
    {
        ulong inode = _remote.AddFile("file", []);
        MemoryTransport transport = new(_remote);
        for (int i = 0; i < 5; i++)
        {
            transport.Call(FuseMessage.Build(Opcode.Open, inode, new OpenIn()));
            transport.Call(FuseMessage.Build(Opcode.OpenDir, 1, new OpenIn()));
        }
        Assert.Equal(10, _remote.OpenHandles);
        transport.Session.Reset();
        Assert.Equal(0, _remote.OpenHandles);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_opened_only_after_its_guest_went_away_is_released_too(bool isCreated)
    {
        TaskCompletionSource gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ulong inode = _remote.AddFile("file", []);
        MemoryTransport transport = new(_remote, new FuseSessionOptions { MaxHandles = 1 });
        _remote.Gate = _ => gate.Task;
        byte[] open = FuseMessage.Build(Opcode.Open, inode, new OpenIn());
        Task<byte[]> late = transport.CallAsync(isCreated ? FuseMessage.Build(Opcode.Create, 1, new CreateIn(), "new\0"u8) : open);
        transport.Session.Reset();
        gate.SetResult();
        await late;
        Assert.Equal(0, _remote.OpenHandles);
        // Its place is free as well.
        transport.Call(FuseMessage.Build(Opcode.Init, 0, new InitIn { Major = 7, Minor = 40 }));
        Assert.Equal(Errno.None, FuseMessage.ErrorOf(transport.Call(open)));
    }

    [Fact]
    public async Task A_listing_that_waited_for_the_parent_uses_no_handle_that_was_released_meanwhile()
    {
        SlowParentFileSystem slow = new();
        MemoryTransport transport = new(slow);
        ulong handle = FuseMessage.BodyOf<OpenOut>(transport.Call(FuseMessage.Build(Opcode.OpenDir, 1, new OpenIn()))).Handle;
        Task<byte[]> late = transport.CallAsync(FuseMessage.Build(Opcode.ReadDir, 1, new ReadIn { Handle = handle, Size = 4096 }));
        transport.Call(FuseMessage.Build(Opcode.ReleaseDir, 1, new ReleaseIn { Handle = handle }));
        slow.Parent.SetResult(FileSystem.RootInode);
        Assert.Equal(Errno.EBADF, FuseMessage.ErrorOf(await late));
        Assert.False(slow.IsListed);
    }

    [Fact]
    public void A_guest_can_use_only_handles_that_it_was_given_and_only_on_their_inode()
    {
        ulong one = _remote.AddFile("one", [1]);
        ulong two = _remote.AddFile("two", [2]);
        MemoryTransport transport = new(_remote);
        ulong handle = FuseMessage.BodyOf<OpenOut>(transport.Call(FuseMessage.Build(Opcode.Open, one, new OpenIn()))).Handle;
        Assert.Equal(Errno.None, FuseMessage.ErrorOf(transport.Read(one, handle, 0, 10)));
        Assert.Equal(Errno.EBADF, FuseMessage.ErrorOf(transport.Read(two, handle, 0, 10)));
        Assert.Equal(Errno.EBADF, FuseMessage.ErrorOf(transport.Read(one, handle + 1, 0, 10)));
        Assert.Equal(Errno.None, FuseMessage.ErrorOf(transport.Call(FuseMessage.Build(Opcode.Release, one, new ReleaseIn { Handle = handle }))));
        Assert.Equal(Errno.EBADF, FuseMessage.ErrorOf(transport.Call(FuseMessage.Build(Opcode.Release, one, new ReleaseIn { Handle = handle }))));
        Assert.Equal(0, _remote.OpenHandles);
    }

    [Fact]
    public void Handles_are_bounded()
    {
        ulong inode = _remote.AddFile("file", []);
        MemoryTransport transport = new(_remote, new FuseSessionOptions { MaxHandles = 3 });
        byte[] open = FuseMessage.Build(Opcode.Open, inode, new OpenIn());
        ulong last = 0;
        for (int i = 0; i < 3; i++)
        {
            last = FuseMessage.BodyOf<OpenOut>(transport.Call(open)).Handle;
        }
        Assert.Equal(Errno.ENFILE, FuseMessage.ErrorOf(transport.Call(open)));
        transport.Call(FuseMessage.Build(Opcode.Release, inode, new ReleaseIn { Handle = last }));
        Assert.Equal(Errno.None, FuseMessage.ErrorOf(transport.Call(open)));
    }

    [Fact]
    public async Task Requests_that_wait_are_bounded()
    {
        TaskCompletionSource gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ulong inode = _remote.AddFile("file", []);
        MemoryTransport transport = new(_remote, new FuseSessionOptions { MaxWaiting = 3 });
        ulong handle = FuseMessage.BodyOf<OpenOut>(transport.Call(FuseMessage.Build(Opcode.Open, inode, new OpenIn()))).Handle;
        _remote.Gate = _ => gate.Task;
        byte[] ask = FuseMessage.Build(Opcode.GetAttr, 1, new GetAttrIn());
        Task<byte[]>[] waiting = [.. Enumerable.Range(0, 3).Select(_ => transport.CallAsync(ask))];
        Assert.Equal(Errno.EBUSY, FuseMessage.ErrorOf(transport.Call(ask)));
        // What makes room is served all the same.
        Assert.Equal(Errno.None, FuseMessage.ErrorOf(transport.Call(FuseMessage.Build(Opcode.Release, inode, new ReleaseIn { Handle = handle }))));
        gate.SetResult();
        foreach (byte[] reply in await Task.WhenAll(waiting))
        {
            Assert.Equal(Errno.None, FuseMessage.ErrorOf(reply));
        }
        Assert.Equal(Errno.None, FuseMessage.ErrorOf(transport.Call(ask)));
    }

    [Fact]
    public async Task Long_requests_that_wait_are_bounded_in_bytes()
    {
        TaskCompletionSource gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        MemoryTransport transport = new(_remote, new FuseSessionOptions { MaxCopied = 100_000 });
        _remote.Gate = _ => gate.Task;
        byte[] set = FuseMessage.Build(Opcode.SetXAttr, 1, new SetXAttrIn { Size = 60_000 }, [.. "user.k\0"u8, .. new byte[60_000]]);
        Task<byte[]> waiting = transport.CallAsync(set);
        Assert.Equal(Errno.ENOMEM, FuseMessage.ErrorOf(transport.Call(set)));
        gate.SetResult();
        Assert.Equal(Errno.None, FuseMessage.ErrorOf(await waiting));
        Assert.Equal(Errno.None, FuseMessage.ErrorOf(transport.Call(set)));
    }

    [Fact]
    public void A_handle_is_released_as_what_it_was_opened_as()
    {
        MemoryTransport transport = new(_remote, new FuseSessionOptions { MaxHandles = 1 });
        ulong inode = _remote.AddFile("file", []);
        ulong handle = FuseMessage.BodyOf<OpenOut>(transport.Call(FuseMessage.Build(Opcode.Open, inode, new OpenIn()))).Handle;
        Assert.Equal(Errno.EBADF, FuseMessage.ErrorOf(transport.Call(FuseMessage.Build(Opcode.ReleaseDir, inode, new ReleaseIn { Handle = handle }))));
        Assert.Equal(Errno.ENFILE, FuseMessage.ErrorOf(transport.Call(FuseMessage.Build(Opcode.Open, inode, new OpenIn()))));
        Assert.Equal(Errno.None, FuseMessage.ErrorOf(transport.Call(FuseMessage.Build(Opcode.Release, inode, new ReleaseIn { Handle = handle }))));
        Assert.Equal(0, _remote.OpenHandles);
    }

    [Fact]
    public void An_open_that_fails_or_throws_gives_its_place_back()
    {
        MemoryTransport transport = new(_remote, new FuseSessionOptions { MaxHandles = 1 });
        byte[] open = FuseMessage.Build(Opcode.Open, _remote.AddFile("file", []), new OpenIn());
        Func<CancellationToken, Task> answers = _remote.Gate;
        _remote.Gate = static _ => throw new InvalidOperationException("no");
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(Errno.EIO, FuseMessage.ErrorOf(transport.Call(open)));
        }
        _remote.Gate = answers;
        Assert.Equal(Errno.None, FuseMessage.ErrorOf(transport.Call(open)));
    }

    [Fact]
    public void An_interrupt_of_what_is_not_known_yet_is_asked_for_again()
    {
        MemoryTransport transport = new(_remote);
        Assert.Equal(Errno.EAGAIN, FuseMessage.ErrorOf(transport.Call(FuseMessage.Build(Opcode.Interrupt, 0, new InterruptIn { Unique = 12 }, unique: 13)), unique: 13));
        Assert.Empty(transport.Call(FuseMessage.Build(Opcode.Interrupt, 0, new InterruptIn { Unique = 12 }, unique: 13), writable: 0));
    }

    [Fact]
    public void A_driver_that_throws_at_a_forget_harms_nobody()
    {
        MemoryTransport transport = new(new ThrowingFileSystem(), log: _log);
        Assert.Empty(transport.Call(FuseMessage.Build(Opcode.Forget, 7, new ForgetIn { LookupCount = 1 })));
        Assert.Single(_log.Lines);
    }

    private sealed class SlowParentFileSystem : FileSystem
    {
        public override FileSystemInfo Info { get; } = new();

        public TaskCompletionSource<Result<ulong>> Parent { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool IsListed { get; private set; }

        public override ValueTask<Result<CachedAttributes>> GetAttributesAsync(RequestContext context, ulong inode, ulong? handle) => new(Errno.ESTALE);

        public override ValueTask<Result<ulong>> GetParentAsync(RequestContext context, ulong inode) => new(Parent.Task);

        public override ValueTask<Errno> ListAsync(RequestContext context, ulong inode, ulong handle, ulong cookie, DirectoryWriter destination)
        {
            IsListed = true;
            return default;
        }
    }

    private sealed class ThrowingFileSystem : FileSystem
    {
        public override FileSystemInfo Info { get; } = new();

        public override ValueTask<Result<CachedAttributes>> GetAttributesAsync(RequestContext context, ulong inode, ulong? handle) => throw new InvalidOperationException("at once");

        public override void Forget(ulong inode, ulong count) => throw new InvalidOperationException("at a forget");
    }
}
