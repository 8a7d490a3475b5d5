using System.Threading.Tasks.Sources;

namespace Kaleidofs.Tests.Bench.Session;

/// <summary>A source that keeps state and answers reads late, on whatever thread says so; itself it allocates nothing.</summary>
internal sealed class WaitingFileSystem : FileSystem, IValueTaskSource<Errno>
{
    private readonly byte[] _written = new byte[64 << 10];
    private ManualResetValueTaskSourceCore<Errno> _answer;

    public override FileSystemInfo Info { get; } = new() { IsReadOnly = false };

    /// <summary>Answers the read that waits; what follows runs in here.</summary>
    public void Answer() => _answer.SetResult(Errno.None);

    public override ValueTask<Result<CachedAttributes>> GetAttributesAsync(RequestContext context, ulong inode, ulong? handle) => new(Errno.ENOSYS);

    public override ValueTask<Result<OpenedFile>> OpenAsync(RequestContext context, ulong inode, OpenFlags flags) => new(new OpenedFile(1));

    public override ValueTask<Errno> ReleaseAsync(RequestContext context, ulong inode, ulong handle) => default;

    public override ValueTask<Errno> ReadAsync(RequestContext context, ulong inode, ulong handle, long offset, PayloadWriter destination)
    {
        _answer.Reset();
        return new(this, _answer.Version);
    }

    public override ValueTask<Result<int>> WriteAsync(RequestContext context, ulong inode, ulong handle, long offset, PayloadReader source)
        => new(source.Read(_written));

    public override void Forget(ulong inode, ulong count)
    {
    }

    Errno IValueTaskSource<Errno>.GetResult(short token) => _answer.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<Errno>.GetStatus(short token) => _answer.GetStatus(token);

    void IValueTaskSource<Errno>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
        => _answer.OnCompleted(continuation, state, token, flags);
}
