using Kaleidofs.Caching;

namespace Kaleidofs.Drivers.Archive.Decoding;

/// <summary>Content that has to be decoded, read through the content cache block by block.</summary>
/// <param name="cache">The cache.</param>
/// <param name="source">The archive's number in it.</param>
/// <param name="loader">Decodes the blocks that the cache does not have.</param>
internal sealed class DecodedContent(ContentCache cache, ulong source, BlockLoader loader)
{
    private const int BlockLength = DecodedStream.BlockLength;

    /// <summary>Reads bytes that exist. What the cache has is copied at once; for the rest the thread is released.</summary>
    /// <param name="context">The caller.</param>
    /// <param name="file">The object in the cache's key.</param>
    /// <param name="length">The object's length.</param>
    /// <param name="offset">Where to begin.</param>
    /// <param name="count">How many bytes; the destination has room for them.</param>
    /// <param name="destination">Takes them.</param>
    public ValueTask<Errno> ReadAsync(RequestContext context, ulong file, long length, long offset, int count, PayloadWriter destination)
    {
        while (count > 0)
        {
            long index = offset / BlockLength;
            if (!cache.TryGet(new BlockKey(source, file, (ulong)index), out BlockLease lease))
            {
                return ReadSlowAsync(file, length, offset, count, destination, context.CancellationToken);
            }
            using (lease)
            {
                int copied = Copy(lease, offset, count, destination);
                offset += copied;
                count -= copied;
            }
        }
        return new(Errno.None);
    }

    /// <summary>Reads bytes of one block, if the cache has it.</summary>
    public bool TryRead(ulong file, long index, int offset, Span<byte> target)
    {
        if (!cache.TryGet(new BlockKey(source, file, (ulong)index), out BlockLease lease))
        {
            return false;
        }
        using (lease)
        {
            lease.Span.Slice(offset, target.Length).CopyTo(target);
        }
        return true;
    }

    /// <summary>The same content, with the blocks that the cache does not have from another loader.</summary>
    public DecodedContent LoadedBy(BlockLoader other) => new(cache, source, other);

    /// <summary>Adds a block that was decoded on the way.</summary>
    public void Add(ulong file, long index, ReadOnlySpan<byte> block) => cache.Add(new BlockKey(source, file, (ulong)index), block);

    /// <summary>Puts a block that was decoded into the cache's tier on disk, if the source is kept there.</summary>
    public void Keep(ulong file, long index, ReadOnlySpan<byte> block) => cache.Keep(new BlockKey(source, file, (ulong)index), block);

    private async ValueTask<Errno> ReadSlowAsync(ulong file, long length, long offset, int count, PayloadWriter destination, CancellationToken cancellationToken)
    {
        while (count > 0)
        {
            long index = offset / BlockLength;
            BlockKey key = new(source, file, (ulong)index);
            Result<BlockLease> result;
            try
            {
                result = await cache.GetAsync(key, DecodedStream.GetBlockLength(length, index), loader, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return Errno.EINTR;
            }
            if (!result.IsOk)
            {
                return result.Errno;
            }
            using BlockLease lease = result.Value;
            if (cancellationToken.IsCancellationRequested)
            {
                // The caller's memory may be gone.
                return Errno.EINTR;
            }
            int copied = Copy(lease, offset, count, destination);
            if (copied == 0)
            {
                return Errno.EIO;
            }
            offset += copied;
            count -= copied;
        }
        return Errno.None;
    }

    private static int Copy(BlockLease lease, long offset, int count, PayloadWriter destination)
    {
        ReadOnlySpan<byte> block = lease.Span[(int)(offset % BlockLength)..];
        return destination.Write(block[..Math.Min(block.Length, count)]);
    }
}
