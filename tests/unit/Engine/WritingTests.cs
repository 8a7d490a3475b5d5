using System.Runtime.InteropServices;
using System.Text;
using Kaleidofs.Drivers.Null;
using Kaleidofs.Protocol;
using Kaleidofs.Tests.Support.Memory;
using Kaleidofs.Transforms;

namespace Kaleidofs.Tests.Unit.Engine;

public sealed class WritingTests
{
    /// <summary>One well-formed request of every opcode that changes something.</summary>
    private static Dictionary<Opcode, byte[]> Changes(ulong inode, ulong handle) => new()
    {
        [Opcode.SetAttr] = FuseMessage.Build(Opcode.SetAttr, inode, new SetAttrIn { Valid = (uint)(AttrFlags.Mode | AttrFlags.Size | AttrFlags.ModificationTime), Mode = 0x81FF, Size = 5, ModificationTime = 77 }),
        [Opcode.MkNod] = FuseMessage.Build(Opcode.MkNod, 1, new MkNodIn { Mode = FileType.Fifo, DeviceId = 7 }, "n\0"u8),
        [Opcode.MkDir] = FuseMessage.Build(Opcode.MkDir, 1, new MkDirIn { Mode = 0x1ED }, "d\0"u8),
        [Opcode.SymLink] = FuseMessage.Build(Opcode.SymLink, 1, tail: "l\0../to/there\0"u8),
        [Opcode.Link] = FuseMessage.Build(Opcode.Link, 1, new LinkIn { OldNodeId = inode }, "h\0"u8),
        [Opcode.Unlink] = FuseMessage.Build(Opcode.Unlink, 1, tail: "u\0"u8),
        [Opcode.RmDir] = FuseMessage.Build(Opcode.RmDir, 1, tail: "r\0"u8),
        [Opcode.Rename] = FuseMessage.Build(Opcode.Rename, 1, new RenameIn { NewDirectory = 9 }, "a\0b\0"u8),
        [Opcode.Rename2] = FuseMessage.Build(Opcode.Rename2, 1, new Rename2In { NewDirectory = 9, Flags = 2 }, "a\0b\0"u8),
        [Opcode.Create] = FuseMessage.Build(Opcode.Create, 1, new CreateIn { Mode = 0x81A4 }, "c\0"u8),
        [Opcode.Write] = FuseMessage.Build(Opcode.Write, inode, new WriteIn { Handle = handle, Offset = 3, Size = 5 }, "hello"u8),
        [Opcode.FAllocate] = FuseMessage.Build(Opcode.FAllocate, inode, new FAllocateIn { Handle = handle, Offset = 1, Length = 2, Mode = 3 }),
        [Opcode.CopyFileRange] = FuseMessage.Build(Opcode.CopyFileRange, inode, new CopyFileRangeIn { Handle = handle, Offset = 1, ToNodeId = inode, ToHandle = handle, ToOffset = 2, Length = 3 }),
        [Opcode.SetXAttr] = FuseMessage.Build(Opcode.SetXAttr, inode, new SetXAttrIn { Size = 5, Flags = 1 }, "user.k\0value"u8),
        [Opcode.RemoveXAttr] = FuseMessage.Build(Opcode.RemoveXAttr, inode, tail: "user.k\0"u8),
    };

    [Fact]
    public void Every_change_to_a_read_only_source_is_erofs()
    {
        MemoryTransport transport = new(new NullFileSystem(100, 1));
        Assert.All(Changes(2, 0), change => Assert.Equal(Errno.EROFS, FuseMessage.ErrorOf(transport.Call(change.Value))));
    }

    [Fact]
    public void The_read_only_transform_refuses_every_change_to_a_writable_source()
    {
        RemoteFileSystem remote = new();
        ulong inode = remote.AddFile("file", []);
        MemoryTransport transport = new(new ReadOnlyFileSystem(remote));
        ulong handle = FuseMessage.BodyOf<OpenOut>(transport.Call(FuseMessage.Build(Opcode.Open, inode, new OpenIn()))).Handle;
        Assert.All(Changes(inode, handle), change => Assert.Equal(Errno.EROFS, FuseMessage.ErrorOf(transport.Call(change.Value))));
        Assert.Equal(Errno.EROFS, FuseMessage.ErrorOf(transport.Call(FuseMessage.Build(Opcode.Open, inode, new OpenIn { Flags = (uint)OpenFlags.WriteOnly }))));
        Assert.Empty(remote.Calls);
    }

    [Fact]
    public void A_link_target_over_PATH_MAX_does_not_reach_a_driver()
    {
        MemoryTransport transport = new(new RemoteFileSystem());
        Errno Link(int length)
            => FuseMessage.ErrorOf(transport.Call(FuseMessage.Build(Opcode.SymLink, 1, tail: [(byte)'l', 0, .. Enumerable.Repeat((byte)'t', length), 0]), 512));
        Assert.Equal(Errno.None, Link(4096));
        Assert.Equal(Errno.ENAMETOOLONG, Link(4097));
    }

    [Fact]
    public void Every_change_reaches_a_driver_that_can()
    {
        RemoteFileSystem remote = new();
        ulong inode = remote.AddFile("file", [0, 0, 0, 0, 0, 0, 0, 0, 0]);
        MemoryTransport transport = new(remote) { Split = 7 };
        ulong handle = FuseMessage.BodyOf<OpenOut>(transport.Call(FuseMessage.Build(Opcode.Open, inode, new OpenIn()), 64)).Handle;
        foreach ((Opcode opcode, byte[] message) in Changes(inode, handle))
        {
            Errno errno = FuseMessage.ErrorOf(transport.Call(message, 512));
            Assert.True(errno == Errno.None, $"{opcode}: {errno}");
        }
        Assert.Equal("\0\0\0hello\0", Encoding.UTF8.GetString(remote.ContentOf("file")));
        Assert.Equal(
            [
                $"setattr {inode} mode=511 uid= size=5 mtime=77", "mknod n 7", "mkdir d", "symlink l -> ../to/there", $"link {inode} h", "unlink u", "rmdir r",
                "rename a 9 b None", "rename a 9 b Exchange", "create c 81a4", "fallocate 1 2 3", "copy 1 2 3", "setxattr user.k=value 1", "removexattr user.k",
            ],
            remote.Calls);
    }

    [Fact]
    public void A_write_that_says_more_than_it_brings_is_refused()
    {
        RemoteFileSystem remote = new();
        ulong inode = remote.AddFile("file", []);
        MemoryTransport transport = new(remote);
        ulong handle = FuseMessage.BodyOf<OpenOut>(transport.Call(FuseMessage.Build(Opcode.Open, inode, new OpenIn()))).Handle;
        byte[] lying = FuseMessage.Build(Opcode.Write, inode, new WriteIn { Handle = handle, Size = 1000 }, "short"u8);
        Assert.Equal(Errno.EINVAL, FuseMessage.ErrorOf(transport.Call(lying)));
        Assert.Empty(remote.ContentOf("file"));
    }

    [Fact]
    public void Forgets_reach_the_driver_and_a_lying_count_ends_with_the_data()
    {
        RemoteFileSystem remote = new();
        MemoryTransport transport = new(remote) { Split = 11 };
        Assert.Empty(transport.Call(FuseMessage.Build(Opcode.Forget, 5, new ForgetIn { LookupCount = 3 })));
        ForgetOne[] ones = [.. Enumerable.Range(0, 200).Select(i => new ForgetOne { NodeId = 1000 + (ulong)i, LookupCount = 2 })];
        byte[] batch = FuseMessage.Build(Opcode.BatchForget, 0, new BatchForgetIn { Count = uint.MaxValue }, MemoryMarshal.AsBytes<ForgetOne>(ones));
        Assert.Empty(transport.Call(batch));
        Assert.Equal(3, remote.Forgotten[5]);
        Assert.Equal(201, remote.Forgotten.Count);
        Assert.Equal(400 + 3, remote.Forgotten.Values.Sum());
    }

    [Fact]
    public void Syncing_all_is_for_nothing_and_a_file_without_a_name_is_refused_where_nothing_is_written()
    {
        MemoryTransport transport = new(new RemoteFileSystem());
        Assert.Equal(Errno.None, FuseMessage.ErrorOf(transport.Call(FuseMessage.Build(Opcode.SyncFs, 1, new SyncFsIn()))));
        // The kernel names it "/".
        Assert.Equal(Errno.EROFS, FuseMessage.ErrorOf(transport.Call(FuseMessage.Build(Opcode.TmpFile, 1, new CreateIn { Flags = 2, Mode = 0x81A4 }, "/\0"u8))));
        Assert.Equal(Errno.EINVAL, FuseMessage.ErrorOf(transport.Call(FuseMessage.Build(Opcode.TmpFile, 1, new CreateIn { Flags = 2, Mode = 0x81A4 }, "/"u8))));
    }

    [Fact]
    public void Opcodes_that_nobody_serves_are_enosys()
    {
        MemoryTransport transport = new(new RemoteFileSystem());
        foreach (uint opcode in (uint[])[0, 7, 31, 32, 33, 37, 39, 40, 48, 49, 54, 4096, uint.MaxValue])
        {
            Assert.Equal(Errno.ENOSYS, FuseMessage.ErrorOf(transport.Call(FuseMessage.Build((Opcode)opcode, 1))));
        }
    }
}
