using Kaleidofs.Drivers.Null;
using Kaleidofs.Protocol;
using Kaleidofs.Tests.Support.Memory;

namespace Kaleidofs.Tests.Unit.Engine;

public sealed class ReadingTests
{
    private const ulong Data = 2;
    private const ulong Entries = 3;
    private static readonly NullFileSystem FileSystem = new(1_000_000, 1000);

    public static TheoryData<int> Splits => [1, 3, 16, 17, 24, 4096, int.MaxValue];

    [Theory]
    [MemberData(nameof(Splits))]
    public void A_reply_does_not_depend_on_how_the_buffers_are_split(int split)
    {
        MemoryTransport whole = new(FileSystem);
        MemoryTransport pieces = new(FileSystem) { Split = split };
        Assert.Equal(whole.Lookup(1, "data"), pieces.Lookup(1, "data"));
        Assert.Equal(whole.Lookup(1, "absent"), pieces.Lookup(1, "absent"));
        Assert.Equal(whole.Read(Data, 0, 999_000, 4096), pieces.Read(Data, 0, 999_000, 4096));
        Assert.Equal(whole.List(Entries, 0, 0, 2000, plus: true), pieces.List(Entries, 0, 0, 2000, plus: true));
        Assert.Equal(whole.List(Entries, 0, 0, 2000, plus: false), pieces.List(Entries, 0, 0, 2000, plus: false));
        Assert.Equal(whole.Call(FuseMessage.Build(Opcode.GetAttr, 1, new GetAttrIn())), pieces.Call(FuseMessage.Build(Opcode.GetAttr, 1, new GetAttrIn()), 4096));
        Assert.Equal(whole.Call(FuseMessage.Build(Opcode.StatFs, 1)), pieces.Call(FuseMessage.Build(Opcode.StatFs, 1), 4096));
    }

    [Fact]
    public void A_read_at_the_end_is_short_and_behind_it_empty()
    {
        MemoryTransport transport = new(FileSystem);
        Assert.Equal(1000, FuseMessage.PayloadOf(transport.Read(Data, 0, 999_000, 4096)).Length);
        Assert.Equal(0, FuseMessage.PayloadOf(transport.Read(Data, 0, 1_000_000, 4096)).Length);
        Assert.Equal(0, FuseMessage.PayloadOf(transport.Read(Data, 0, long.MaxValue / 2, 4096)).Length);
    }

    [Fact]
    public void A_read_never_answers_more_than_the_buffer_holds()
    {
        MemoryTransport transport = new(FileSystem);
        byte[] message = FuseMessage.Build(Opcode.Read, Data, new ReadIn { Size = uint.MaxValue });
        Assert.Equal(16 + 100, transport.Call(message, 16 + 100).Length);
        Assert.Equal(Errno.EINVAL, FuseMessage.ErrorOf(transport.Call(FuseMessage.Build(Opcode.Read, Data, new ReadIn { Size = 1, Offset = ulong.MaxValue }))));
    }

    [Fact]
    public void A_name_that_cannot_be_is_refused()
    {
        MemoryTransport transport = new(FileSystem);
        Errno Lookup(ReadOnlySpan<byte> tail) => FuseMessage.ErrorOf(transport.Call(FuseMessage.Build(Opcode.Lookup, 1, tail: tail)));
        Assert.Equal(Errno.EINVAL, Lookup("data"u8));
        Assert.Equal(Errno.EINVAL, Lookup("\0"u8));
        Assert.Equal(Errno.EINVAL, Lookup("a/b\0"u8));
        Assert.Equal(Errno.EINVAL, Lookup("data\0more\0"u8));
        Assert.Equal(Errno.EINVAL, Lookup([]));
        Assert.Equal(Errno.ENAMETOOLONG, Lookup([.. Enumerable.Repeat((byte)'x', 256), 0]));
        Assert.Equal(Errno.None, Lookup([.. Enumerable.Repeat((byte)'x', 255), 0]));
    }

    [Fact]
    public void An_absent_name_of_an_immutable_source_is_a_negative_entry_for_ever()
    {
        EntryOut absent = FuseMessage.BodyOf<EntryOut>(new MemoryTransport(FileSystem).Lookup(1, "absent"));
        Assert.Equal(0ul, absent.NodeId);
        Assert.True(absent.EntryValid > 1_000_000_000);
        Assert.Equal(Errno.ENOENT, FuseMessage.ErrorOf(new MemoryTransport(new RemoteFileSystem()).Lookup(1, "absent")));
    }

    [Fact]
    public void Dots_are_found_for_nfs_export()
    {
        MemoryTransport transport = new(FileSystem);
        Assert.Equal(Entries, FuseMessage.BodyOf<EntryOut>(transport.Lookup(Entries, ".")).NodeId);
        Assert.Equal(1ul, FuseMessage.BodyOf<EntryOut>(transport.Lookup(Entries, "..")).NodeId);
    }

    [Theory]
    [InlineData(true, 184)]
    [InlineData(true, 1000)]
    [InlineData(true, 65536)]
    [InlineData(false, 40)]
    [InlineData(false, 333)]
    [InlineData(false, 65536)]
    public void A_listing_in_pieces_names_everything_once(bool plus, int size)
    {
        MemoryTransport transport = new(FileSystem);
        List<DirectoryRecord> all = [];
        ulong offset = 0;
        while (true)
        {
            List<DirectoryRecord> piece = FuseMessage.RecordsOf(transport.List(Entries, 0, offset, size, plus), plus);
            if (piece.Count == 0)
            {
                break;
            }
            all.AddRange(piece);
            offset = piece[^1].Offset;
        }
        Assert.Equal([".", "..", .. Enumerable.Range(0, 1000).Select(i => $"e{i:D8}")], all.Select(record => record.Name));
        Assert.Equal([Entries, 1ul], all.Take(2).Select(record => record.Inode));
        if (plus)
        {
            Assert.All(all.Take(2), dots => Assert.Equal(0ul, dots.Entry.NodeId));
            Assert.All(all.Skip(2), record => Assert.Equal(record.Inode, record.Entry.NodeId));
        }
    }

    [Fact]
    public void A_buffer_too_small_for_one_entry_is_an_error_not_an_end()
        => Assert.Equal(Errno.EINVAL, FuseMessage.ErrorOf(new MemoryTransport(FileSystem).List(Entries, 0, 5, 20, plus: false)));

    [Fact]
    public void Opens_are_not_asked_again_where_the_kernel_agreed()
    {
        MemoryTransport transport = new(FileSystem);
        Assert.Equal(Errno.ENOSYS, FuseMessage.ErrorOf(transport.Call(FuseMessage.Build(Opcode.Open, Data, new OpenIn()))));
        Assert.Equal(Errno.ENOSYS, FuseMessage.ErrorOf(transport.Call(FuseMessage.Build(Opcode.OpenDir, 1, new OpenIn()))));
        Assert.Equal(Errno.EROFS, FuseMessage.ErrorOf(transport.Call(FuseMessage.Build(Opcode.Open, Data, new OpenIn { Flags = (uint)OpenFlags.ReadWrite }))));
    }

    [Theory]
    [InlineData("lookup")]
    [InlineData("getattr")]
    [InlineData("readdirplus")]
    [InlineData("read")]
    public void What_is_at_hand_is_answered_without_allocating(string operation)
    {
        MemoryTransport transport = new(FileSystem);
        byte[] message = operation switch
        {
            "lookup" => FuseMessage.Build(Opcode.Lookup, Entries, tail: "e00000500\0"u8),
            "getattr" => FuseMessage.Build(Opcode.GetAttr, Data, new GetAttrIn()),
            "readdirplus" => FuseMessage.Build(Opcode.ReadDirPlus, Entries, new ReadIn { Size = 4096 }),
            _ => FuseMessage.Build(Opcode.Read, Data, new ReadIn { Size = 4096 }),
        };
        using QuietRequest request = new(message, 8192);
        for (int i = 0; i < 100; i++)
        {
            transport.Session.Dispatch(request);
        }
        Assert.True(request.Written > 16);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            transport.Session.Dispatch(request);
        }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
