using System.Collections.Concurrent;

namespace Kaleidofs.Tests.Unit.DevFuse;

/// <summary>Files whose reads wait until the test lets them go: <c>slow0</c>, <c>slow1</c>, ...; and <c>quick</c>, which never waits. A file's content is its name.</summary>
internal sealed class WaitingFileSystem : FileSystem
{
    private const ulong Quick = 2;
    private const ulong FirstSlow = 3;

    private readonly ConcurrentDictionary<ulong, TaskCompletionSource<Errno>> _waiting = new();
    private ManualResetEventSlim? _gate;
    private int _held;

    public override FileSystemInfo Info { get; } = new() { IsReadOnly = true };

    /// <summary>How many reads wait.</summary>
    public int Waiting => _waiting.Count;

    /// <summary>How many were cancelled.</summary>
    public int Cancelled { get; private set; }

    public bool IsDisposed { get; private set; }

    /// <summary>How many reads were held up on their thread.</summary>
    public int Held => _held;

    /// <summary>From now on reads hold up the thread that brings them, until this is set.</summary>
    public ManualResetEventSlim HoldReads() => _gate = new ManualResetEventSlim();

    /// <summary>Lets the read of a file go on.</summary>
    public void Release(int slow, Errno errno = Errno.None)
    {
        if (_waiting.TryRemove(FirstSlow + (ulong)slow, out TaskCompletionSource<Errno>? source))
        {
            source.TrySetResult(errno);
        }
    }

    public override ValueTask<Result<Entry>> LookupAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name)
    {
        string text = System.Text.Encoding.UTF8.GetString(name.Span);
        ulong inode = text == "quick" ? Quick
            : text.StartsWith("slow", StringComparison.Ordinal) && ulong.TryParse(text[4..], out ulong number) ? FirstSlow + number
            : 0;
        return inode == 0 ? new(Errno.ENOENT) : new(new Entry { Attributes = AttributesOf(inode) });
    }

    public override ValueTask<Result<CachedAttributes>> GetAttributesAsync(RequestContext context, ulong inode, ulong? handle)
        => new(new CachedAttributes(AttributesOf(inode), CacheTime.None));

    // No page cache: every read reaches the filesystem, and may end before the size.
    public override ValueTask<Result<OpenedFile>> OpenAsync(RequestContext context, ulong inode, OpenFlags flags) => new(new OpenedFile(0, OpenOptions.DirectIO));

    public override async ValueTask<Errno> ReadAsync(RequestContext context, ulong inode, ulong handle, long offset, PayloadWriter destination)
    {
        if (inode != Quick && offset == 0)
        {
            if (_gate is { } gate)
            {
                Interlocked.Increment(ref _held);
                gate.Wait(TimeSpan.FromSeconds(60));
            }
            TaskCompletionSource<Errno> released = new(TaskCreationOptions.RunContinuationsAsynchronously);
            using CancellationTokenRegistration registration = context.CancellationToken.Register(() =>
            {
                Cancelled++;
                _waiting.TryRemove(inode, out _);
                released.TrySetCanceled();
            });
            _waiting[inode] = released;
            Errno errno = await released.Task;
            if (errno != Errno.None)
            {
                return errno;
            }
        }
        byte[] content = System.Text.Encoding.UTF8.GetBytes(NameOf(inode));
        destination.Write(content.AsSpan((int)Math.Min(offset, content.Length)));
        return Errno.None;
    }

    public override ValueTask DisposeAsync()
    {
        IsDisposed = true;
        return base.DisposeAsync();
    }

    private static string NameOf(ulong inode) => inode == Quick ? "quick" : $"slow{inode - FirstSlow}";

    private static Attributes AttributesOf(ulong inode) => new()
    {
        Inode = inode,
        Mode = inode == RootInode ? FileType.Directory | 0x1FF : FileType.Regular | 0x1A4,
        LinkCount = 1,
        Size = inode == RootInode ? 0 : (ulong)NameOf(inode).Length,
    };
}
