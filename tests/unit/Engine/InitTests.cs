using Kaleidofs.Drivers.Null;
using Kaleidofs.Engine;
using Kaleidofs.Protocol;
using Kaleidofs.Tests.Support.Memory;

namespace Kaleidofs.Tests.Unit.Engine;

public sealed class InitTests
{
    private static readonly NullFileSystem Immutable = new(1 << 20, 10);

    [Fact]
    public void An_immutable_source_costs_nothing_twice()
    {
        InitFlags agreed = Agreed(new MemoryTransport(Immutable));
        Assert.True(agreed.HasFlag(InitFlags.NoOpenSupport | InitFlags.NoOpenDirSupport | InitFlags.CacheSymbolicLinks | InitFlags.DoReadDirPlus));
        Assert.False(agreed.HasFlag(InitFlags.ReadDirPlusAuto));
        Assert.False(agreed.HasFlag(InitFlags.AutoInvalidateData));
    }

    [Fact]
    public void A_live_source_keeps_its_opens_and_checks_cached_data()
    {
        InitFlags agreed = Agreed(new MemoryTransport(new RemoteFileSystem()));
        Assert.False(agreed.HasFlag(InitFlags.NoOpenSupport));
        Assert.False(agreed.HasFlag(InitFlags.CacheSymbolicLinks));
        Assert.True(agreed.HasFlag(InitFlags.AutoInvalidateData | InitFlags.AtomicTruncate));
    }

    [Fact]
    public void Requests_of_one_mebibyte_are_agreed_on()
    {
        MemoryTransport transport = new(Immutable);
        Assert.Equal(1u << 20, transport.Agreed.MaxWrite);
        Assert.Equal(256, transport.Agreed.MaxPages);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Idmapped_mounts_need_default_permissions(bool defaultPermissions)
    {
        MemoryTransport transport = new(Immutable, new FuseSessionOptions { DefaultPermissions = defaultPermissions });
        Assert.Equal(defaultPermissions, Agreed(transport).HasFlag(InitFlags.AllowIdMap));
    }

    [Fact]
    public void Nothing_is_agreed_that_the_kernel_did_not_offer()
    {
        MemoryTransport transport = new(Immutable, initialize: false);
        InitIn plain = new() { Major = 7, Minor = 31, MaxReadAhead = 4096, Flags = (uint)(InitFlags.AsyncRead | InitFlags.MaxPages), Flags2 = uint.MaxValue };
        InitOut answer = FuseMessage.BodyOf<InitOut>(transport.Call(FuseMessage.Build(Opcode.Init, 0, plain)));
        Assert.Equal((uint)(InitFlags.AsyncRead | InitFlags.MaxPages), answer.Flags);
        Assert.Equal(0u, answer.Flags2);
        Assert.Equal(31u, answer.Minor);
        Assert.Equal(4096u, answer.MaxReadAhead);
    }

    [Fact]
    public void Linux_5_4s_short_init_is_understood()
    {
        MemoryTransport transport = new(Immutable, initialize: false);
        byte[] message = FuseMessage.Build(Opcode.Init, 0, [7, 0, 0, 0, 31, 0, 0, 0, 0, 16, 0, 0, 1, 0, 0, 0]);
        Assert.Equal(1u, FuseMessage.BodyOf<InitOut>(transport.Call(message)).Flags);
    }

    [Fact]
    public void A_newer_major_version_is_told_ours_and_asked_again()
    {
        MemoryTransport transport = new(Immutable, initialize: false);
        InitOut answer = FuseMessage.BodyOf<InitOut>(transport.Call(FuseMessage.Build(Opcode.Init, 0, new InitIn { Major = 8 })));
        Assert.Equal(7u, answer.Major);
        Assert.Null(transport.Session.State);
    }

    [Fact]
    public void A_kernel_too_old_is_refused_with_a_line_that_says_so()
    {
        RecordingLog log = new();
        MemoryTransport transport = new(Immutable, log: log, initialize: false);
        Assert.Equal(Errno.EPROTO, FuseMessage.ErrorOf(transport.Call(FuseMessage.Build(Opcode.Init, 0, new InitIn { Major = 7, Minor = 27 }))));
        Assert.Contains("FUSE 7.27", Assert.Single(log.Lines));
    }

    [Fact]
    public void Nothing_is_served_before_init_nor_after_destroy()
    {
        MemoryTransport transport = new(Immutable, initialize: false);
        Assert.Equal(Errno.EIO, FuseMessage.ErrorOf(transport.Lookup(1, "data")));
        transport = new MemoryTransport(Immutable);
        Assert.Equal(Errno.None, FuseMessage.ErrorOf(transport.Lookup(1, "data")));
        Assert.Equal(Errno.None, FuseMessage.ErrorOf(transport.Call(FuseMessage.Build(Opcode.Destroy, 0))));
        Assert.Equal(Errno.EIO, FuseMessage.ErrorOf(transport.Lookup(1, "data")));
    }

    private static InitFlags Agreed(MemoryTransport transport) => (InitFlags)(transport.Agreed.Flags | ((ulong)transport.Agreed.Flags2 << 32));
}
