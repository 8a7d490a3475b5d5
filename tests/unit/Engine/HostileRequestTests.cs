using System.Runtime.InteropServices;
using Kaleidofs.Drivers.Null;
using Kaleidofs.Engine;
using Kaleidofs.Protocol;
using Kaleidofs.Tests.Support.Memory;

namespace Kaleidofs.Tests.Unit.Engine;

public sealed class HostileRequestTests
{
    [Fact]
    public void A_request_cut_anywhere_is_answered_or_dropped_and_never_harms()
    {
        MemoryTransport transport = new(new NullFileSystem(1000, 10));
        foreach (Opcode opcode in Enum.GetValues<Opcode>())
        {
            byte[] message = FuseMessage.Build(opcode, 2, new byte[64], "name\0other\0"u8);
            for (int length = 0; length <= message.Length; length++)
            {
                using MemoryRequest request = new();
                transport.Session.Dispatch(request.Prepare(message.AsSpan(0, length), 256));
                Assert.Equal(1, request.Completions);
            }
        }
    }

    [Fact]
    public async Task A_reply_that_does_not_fit_is_not_written_past_its_buffer()
    {
        MemoryTransport transport = new(new NullFileSystem(1000, 10));
        byte[][] messages =
        [
            FuseMessage.Build(Opcode.Lookup, 1, tail: "data\0"u8),
            FuseMessage.Build(Opcode.GetAttr, 1, new GetAttrIn()),
            FuseMessage.Build(Opcode.StatX, 1, new StatXIn()),
            FuseMessage.Build(Opcode.ReadDirPlus, 1, new ReadIn { Size = 4096 }),
            FuseMessage.Build(Opcode.Read, 2, new ReadIn { Size = 4096 }),
        ];
        foreach (byte[] message in messages)
        {
            for (int writable = 0; writable < 200; writable++)
            {
                using MemoryRequest request = new();
                transport.Session.Dispatch(request.Prepare(message, writable, split: 8));
                Assert.Equal(1, request.Completions);
                int written = (await request.ReplyAsync).Length;
                Assert.InRange(written, 0, writable);
                Assert.True(written is 0 or >= 16);
            }
        }
    }

    [Fact]
    public void Sizes_beyond_what_was_agreed_are_refused()
    {
        RemoteFileSystem remote = new();
        ulong inode = remote.AddFile("file", new byte[10]);
        MemoryTransport transport = new(remote, new FuseSessionOptions { MaxPayload = 8192 });
        ulong handle = FuseMessage.BodyOf<OpenOut>(transport.Call(FuseMessage.Build(Opcode.Open, inode, new OpenIn()))).Handle;
        Errno Write(int size) => FuseMessage.ErrorOf(transport.Call(FuseMessage.Build(Opcode.Write, inode, new WriteIn { Handle = handle, Size = (uint)size }, new byte[size])));
        Assert.Equal(Errno.None, Write(8192));
        Assert.Equal(Errno.EINVAL, Write(8193));
        // A kernel whose pages have 64 KiB reads as many of them, and none reads more.
        MemoryTransport large = new(new NullFileSystem(1 << 30, 10), new FuseSessionOptions { MaxPayload = 8192 });
        Assert.Equal(16 + (128 << 10), large.Call(FuseMessage.Build(Opcode.Read, 2, new ReadIn { Size = uint.MaxValue })).Length);
    }

    [Theory]
    [InlineData(65536, Errno.None)]
    [InlineData(65537, Errno.E2BIG)]
    public void A_value_has_at_most_64_KiB(int size, Errno expected)
    {
        MemoryTransport transport = new(new RemoteFileSystem());
        byte[] tail = [.. "user.k\0"u8, .. new byte[size]];
        Assert.Equal(expected, FuseMessage.ErrorOf(transport.Call(FuseMessage.Build(Opcode.SetXAttr, 1, new SetXAttrIn { Size = (uint)size }, tail))));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Random_requests_complete_exactly_once(int seed)
    {
        Random random = new(seed);
        RemoteFileSystem remote = new();
        MemoryTransport immutable = new(new NullFileSystem(1000, 10));
        MemoryTransport writable = new(remote);
        Opcode[] opcodes = Enum.GetValues<Opcode>();
        using MemoryRequest request = new();
        for (int i = 0; i < 30_000; i++)
        {
            byte[] body = new byte[random.Next(0, 150)];
            random.NextBytes(body);
            if (random.Next(2) == 0)
            {
                // Small numbers reach further than random ones.
                MemoryMarshal.Cast<byte, ulong>(body.AsSpan(0, body.Length & ~7)).Fill((ulong)random.Next(0, 5));
            }
            byte[] message = FuseMessage.Build(opcodes[random.Next(opcodes.Length)], (ulong)random.Next(0, 6), body);
            if (random.Next(4) == 0)
            {
                message[random.Next(message.Length)] ^= (byte)(1 << random.Next(8));
            }
            request.Prepare(message, random.Next(0, 400), random.Next(1, 64));
            (i % 2 == 0 ? immutable : writable).Session.Dispatch(request);
            await request.ReplyAsync.WaitAsync(TimeSpan.FromSeconds(10));
            Assert.True(request.Completions == 1, $"seed {seed}, case {i}: {request.Completions} completions");
        }
    }
}
