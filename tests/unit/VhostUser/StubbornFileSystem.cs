namespace Kaleidofs.Tests.Unit.VhostUser;

/// <summary>Reads end when the test says so, whoever has cancelled them before, and only then write what they read.</summary>
internal sealed class StubbornFileSystem : FileSystem
{
    public const byte Content = 0xAA;

    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _waiting;
    private int _written;

    public override FileSystemInfo Info { get; } = new() { IsStateless = true };

    /// <summary>Reads that began.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Reads that have written.</summary>
    public int Written => Volatile.Read(ref _written);

    public void Release() => _released.TrySetResult();

    public override ValueTask<Result<CachedAttributes>> GetAttributesAsync(RequestContext context, ulong inode, ulong? handle)
        => new(new CachedAttributes(new Attributes { Inode = inode, Mode = FileType.Directory | 0x16D, LinkCount = 1 }, CacheTime.Forever));

    public override async ValueTask<Errno> ReadAsync(RequestContext context, ulong inode, ulong handle, long offset, PayloadWriter destination)
    {
        Interlocked.Increment(ref _waiting);
        await _released.Task;
        while (destination.Remaining > 0)
        {
            destination.Write([Content]);
        }
        Interlocked.Increment(ref _written);
        return Errno.None;
    }
}
