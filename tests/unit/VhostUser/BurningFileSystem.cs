namespace Kaleidofs.Tests.Unit.VhostUser;

/// <summary>A driver each of whose reads costs CPU time: about a tenth of a millisecond, in the place that the test says.</summary>
internal sealed class BurningFileSystem(BurningPlace place, FileReader files) : FileSystem
{
    public override FileSystemInfo Info { get; } = new() { IsStateless = true };

    public override ValueTask<Result<CachedAttributes>> GetAttributesAsync(RequestContext context, ulong inode, ulong? handle)
        => new(new CachedAttributes(new Attributes { Inode = inode, Mode = FileType.Directory | 0x16D, LinkCount = 1 }, CacheTime.Forever));

    public override ValueTask<Errno> ReadAsync(RequestContext context, ulong inode, ulong handle, long offset, PayloadWriter destination) => place switch
    {
        BurningPlace.QueueThread => new(Burn()),
        BurningPlace.ThreadPool => new(Task.Run(Burn)),
        _ => new(files.RunAsync(Burn)),
    };

    /// <summary>So much work, and not so much time: who is not given the CPU is not done.</summary>
    private static Errno Burn()
    {
        uint state = 1;
        for (int i = 0; i < 100_000; i++)
        {
            state = (state * 1664525) + 1013904223;
        }
        return state == 0 ? Errno.EIO : Errno.None;
    }
}
