using Kaleidofs.Diagnostics;
using Kaleidofs.Engine;
using Kaleidofs.Protocol;

namespace Kaleidofs.Tests.Support.Memory;

/// <summary>A session over memory, past INIT: one call, one reply.</summary>
internal sealed class MemoryTransport
{
    public MemoryTransport(FileSystem fileSystem, FuseSessionOptions? options = null, DriverLog? log = null, bool initialize = true)
    {
        Session = new FuseSession(fileSystem, options ?? new FuseSessionOptions(), log ?? DriverLog.Silent);
        Counters = Session.Counters.Open(0);
        if (initialize)
        {
            InitIn init = new() { Major = 7, Minor = 45, MaxReadAhead = 1 << 20, Flags = uint.MaxValue & ~(1u << 31), Flags2 = uint.MaxValue };
            Agreed = FuseMessage.BodyOf<InitOut>(Call(FuseMessage.Build(Opcode.Init, 0, init)));
        }
    }

    public FuseSession Session { get; }

    public InitOut Agreed { get; }

    /// <summary>Where the calls are counted; exact as long as one thread makes them.</summary>
    public QueueCounters Counters { get; }

    /// <summary>How the buffers of the calls are split.</summary>
    public int Split { get; set; } = int.MaxValue;

    public byte[] Call(byte[] message, int writable = 1 << 20) => CallAsync(message, writable).GetAwaiter().GetResult();

    public async Task<byte[]> CallAsync(byte[] message, int writable = 1 << 20)
    {
        using MemoryRequest request = new() { Counters = Counters };
        Session.Dispatch(request.Prepare(message, writable, Split));
        return await request.ReplyAsync.WaitAsync(TimeSpan.FromSeconds(30)).ConfigureAwait(false);
    }

    public byte[] Lookup(ulong parent, string name) => Call(FuseMessage.Build(Opcode.Lookup, parent, tail: System.Text.Encoding.UTF8.GetBytes(name + "\0")));

    public byte[] Read(ulong inode, ulong handle, long offset, int size)
        => Call(FuseMessage.Build(Opcode.Read, inode, new ReadIn { Handle = handle, Offset = (ulong)offset, Size = (uint)size }), size + 16);

    public byte[] List(ulong inode, ulong handle, ulong offset, int size, bool plus)
        => Call(FuseMessage.Build(plus ? Opcode.ReadDirPlus : Opcode.ReadDir, inode, new ReadIn { Handle = handle, Offset = offset, Size = (uint)size }), size + 16);
}
