using Kaleidofs.Caching;

namespace Kaleidofs.Drivers.Llm.Worlds;

/// <summary>Reads complete generated content through the content cache: it never changes, and a copy from memory costs a part of what the kernel's does.</summary>
/// <param name="world">Has it in its journal.</param>
/// <param name="cache">Has what was read lately.</param>
internal sealed class ContentReader(World world, ContentCache cache)
{
    private const int BlockLength = 128 << 10;

    private readonly ulong _source = cache.OpenSource("");

    /// <summary>Reads bytes that exist; the destination has room for them. Completes at once if all are in memory.</summary>
    public ValueTask<Errno> ReadAsync(RequestContext context, Content content, long offset, int count, PayloadWriter destination)
    {
        while (count > 0)
        {
            if (!cache.TryGet(GetKey(content, offset), out BlockLease lease))
            {
                return new(ReadSlowAsync(context, content, offset, count, destination));
            }
            int copied = Copy(lease, offset, count, destination);
            offset += copied;
            count -= copied;
        }
        return default;
    }

    private async Task<Errno> ReadSlowAsync(RequestContext context, Content content, long offset, int count, PayloadWriter destination)
    {
        while (count > 0)
        {
            BlockKey key = GetKey(content, offset);
            int length = (int)Math.Min(BlockLength, content.Length - (offset / BlockLength * BlockLength));
            Result<BlockLease> loaded;
            try
            {
                loaded = await cache.GetAsync(key, length, new Loader(world, content), context.CancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return Errno.EINTR;
            }
            if (!loaded.IsOk)
            {
                return loaded.Errno;
            }
            if (context.CancellationToken.IsCancellationRequested)
            {
                // The caller's memory may be gone.
                loaded.Value.Dispose();
                return Errno.EINTR;
            }
            int copied = Copy(loaded.Value, offset, count, destination);
            offset += copied;
            count -= copied;
        }
        return Errno.None;
    }

    /// <summary>No two contents begin at one place of the journal.</summary>
    private BlockKey GetKey(Content content, long offset) => new(_source, (ulong)content.Pieces[0].Position, (ulong)(offset / BlockLength));

    private static int Copy(BlockLease lease, long offset, int count, PayloadWriter destination)
    {
        using (lease)
        {
            ReadOnlySpan<byte> block = lease.Span[(int)(offset % BlockLength)..];
            return destination.Write(block[..Math.Min(block.Length, count)]);
        }
    }

    private sealed class Loader(World world, Content content) : BlockLoader
    {
        public override async ValueTask<Errno> LoadAsync(BlockKey key, Memory<byte> destination)
        {
            ArrayPayloadWriter payload = new(destination.Length);
            try
            {
                int read = await world.ReadAsync(content, (long)key.Index * BlockLength, destination.Length, payload).ConfigureAwait(false);
                payload.Content.CopyTo(destination);
                return read == destination.Length ? Errno.None : Errno.EIO;
            }
            catch (Exception exception) when (exception is IOException or ObjectDisposedException)
            {
                return Errno.EIO;
            }
        }
    }
}
