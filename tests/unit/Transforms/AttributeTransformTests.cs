using Kaleidofs.Drivers.Null;
using Kaleidofs.Protocol;
using Kaleidofs.Tests.Support.Memory;
using Kaleidofs.Transforms;

namespace Kaleidofs.Tests.Unit.Transforms;

public sealed class AttributeTransformTests
{
    [Fact]
    public void An_owner_shows_in_every_answer_that_carries_attributes()
    {
        MemoryTransport transport = new(new OwnershipFileSystem(new NullFileSystem(100, 3), 5, 6, 0x180, 0x1C0));
        Attr file = FuseMessage.BodyOf<EntryOut>(transport.Lookup(1, "data")).Attr;
        Attr directory = FuseMessage.BodyOf<AttrOut>(transport.Call(FuseMessage.Build(Opcode.GetAttr, 3, new GetAttrIn()))).Attr;
        StatX status = FuseMessage.BodyOf<StatXOut>(transport.Call(FuseMessage.Build(Opcode.StatX, 2, new StatXIn()))).Stat;
        Attr listed = FuseMessage.RecordsOf(transport.List(3, 0, 0, 4096, plus: true), plus: true)[^1].Entry.Attr;
        Assert.Equal((5u, 6u, FileType.Regular | 0x180), (file.UserId, file.GroupId, file.Mode));
        Assert.Equal((5u, 6u, FileType.Directory | 0x1C0), (directory.UserId, directory.GroupId, directory.Mode));
        Assert.Equal((5u, 6u, FileType.Regular | 0x180), (status.UserId, status.GroupId, status.Mode));
        Assert.Equal((5u, 6u, FileType.Regular | 0x180), (listed.UserId, listed.GroupId, listed.Mode));
    }

    [Fact]
    public void Ids_are_translated_both_ways_and_a_forbidden_creator_is_eperm()
    {
        RemoteFileSystem remote = new();
        ulong inode = remote.AddFile("file", []);
        IdMap users = IdMap.Parse(["map:1000:5000:1", "squash-host:0:77:1", "forbid-guest:13:1"]);
        MemoryTransport transport = new(new IdMapFileSystem(remote, users, IdMap.Parse([])));
        Assert.Equal(77u, FuseMessage.BodyOf<EntryOut>(transport.Lookup(1, "file")).Attr.UserId);
        SetAttrIn chown = new() { Valid = (uint)AttrFlags.UserId, UserId = 1000 };
        Assert.Equal(Errno.None, FuseMessage.ErrorOf(transport.Call(FuseMessage.Build(Opcode.SetAttr, inode, chown))));
        Assert.Contains("uid=5000", Assert.Single(remote.Calls), StringComparison.Ordinal);
        using (MemoryRequest unlink = new())
        {
            transport.Session.Dispatch(unlink.Prepare(FuseMessage.Build(Opcode.Unlink, 1, tail: "gone\0"u8), 64));
        }
        Assert.Equal(5000u, remote.LastCaller);
        remote.Calls.RemoveAt(1);
        chown.UserId = 13;
        Assert.Equal(Errno.EPERM, FuseMessage.ErrorOf(transport.Call(FuseMessage.Build(Opcode.SetAttr, inode, chown))));
        Assert.Single(remote.Calls);
    }
}
