using System.Collections.Concurrent;

namespace Kaleidofs.Tests.Unit.VhostUser;

/// <summary>One file whose every byte says where it stands; and another whose reads wait until the test lets them go.</summary>
internal sealed class PatternFileSystem : FileSystem
{
    public const ulong FileInode = 2;
    public const ulong SlowInode = 3;
    public const ulong Size = 1 << 20;

    private readonly ConcurrentQueue<TaskCompletionSource> _waiting = new();

    public override FileSystemInfo Info { get; } = new() { IsImmutable = true, IsStateless = true };

    /// <summary>How many reads wait.</summary>
    public int Waiting => _waiting.Count;

    public int Cancelled { get; private set; }

    public static byte ByteAt(ulong offset) => (byte)(offset * 31 + (offset >> 8) * 7);

    public static byte[] Bytes(ulong offset, int count) => [.. Enumerable.Range(0, count).Select(i => ByteAt(offset + (ulong)i))];

    /// <summary>Lets every read that waits go on, each on a thread of the pool.</summary>
    public void Release()
    {
        while (_waiting.TryDequeue(out TaskCompletionSource? waiting))
        {
            waiting.TrySetResult();
        }
    }

    public override ValueTask<Result<Entry>> LookupAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name)
        => name.Span.SequenceEqual("file"u8) ? new(new Entry { Attributes = AttributesOf(FileInode) }) : new(Errno.ENOENT);

    public override ValueTask<Result<CachedAttributes>> GetAttributesAsync(RequestContext context, ulong inode, ulong? handle)
        => new(new CachedAttributes(AttributesOf(inode), CacheTime.Forever));

    public override ValueTask<Errno> ReadAsync(RequestContext context, ulong inode, ulong handle, long offset, PayloadWriter destination)
    {
        if (inode != SlowInode)
        {
            Fill(offset, destination);
            return default;
        }
        return new(ReadLaterAsync(offset, destination, context.CancellationToken));
    }

    private async Task<Errno> ReadLaterAsync(long offset, PayloadWriter destination, CancellationToken cancellationToken)
    {
        TaskCompletionSource released = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting.Enqueue(released);
        using CancellationTokenRegistration registration = cancellationToken.Register(() =>
        {
            Cancelled++;
            released.TrySetCanceled(cancellationToken);
        });
        await released.Task;
        Fill(offset, destination);
        return Errno.None;
    }

    private static void Fill(long offset, PayloadWriter destination)
    {
        ulong at = (ulong)offset;
        while (at < Size && destination.Remaining > 0)
        {
            Span<byte> span = destination.GetSpan();
            int count = (int)Math.Min((ulong)span.Length, Size - at);
            for (int i = 0; i < count; i++)
            {
                span[i] = ByteAt(at + (ulong)i);
            }
            destination.Advance(count);
            at += (ulong)count;
        }
    }

    private static Attributes AttributesOf(ulong inode) => new()
    {
        Inode = inode,
        Size = inode == RootInode ? 0 : Size,
        Mode = inode == RootInode ? FileType.Directory | 0x16D : FileType.Regular | 0x124,
        LinkCount = 1,
    };
}
