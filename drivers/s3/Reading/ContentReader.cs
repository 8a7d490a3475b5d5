using System.Buffers;
using Amazon.S3.Model;
using Kaleidofs.Caching;
using Kaleidofs.Drivers.S3.Client;

namespace Kaleidofs.Drivers.S3.Reading;

/// <summary>Reads objects through the content cache: what it has at once, what it lacks by as few requests as that takes, and ahead where a file is read as a stream.</summary>
internal sealed class ContentReader(Bucket bucket, BlockStore store, ReadAheadBudget budget, CancellationToken ending)
{
    /// <summary>What is got of an object at least, and the unit of what is cached.</summary>
    public const int BlockSize = 64 << 10;

    /// <summary>Reads until the destination is full or the object ends.</summary>
    public ValueTask<Errno> ReadAsync(RequestContext context, OpenObject file, long offset, PayloadWriter destination)
    {
        int count = (int)Math.Clamp(file.Size - offset, 0, destination.Remaining);
        if (count == 0)
        {
            return default;
        }
        bool isStream = file.Pattern.Note(offset, count, budget.MaxWindow, out bool isAhead);
        while (count > 0)
        {
            BlockKey key = file.GetBlock(store.Source, offset / BlockSize);
            int written;
            if (store.Cache.TryGet(key, out BlockLease lease))
            {
                using (lease)
                {
                    written = Copy(lease, offset, count, destination);
                }
            }
            else if (!TryReadKept(file, key, offset, count, destination, out written))
            {
                break;
            }
            offset += written;
            count -= written;
        }
        // What the disk's tier has at hand needs nobody to read it ahead.
        if (isStream && (isAhead || count > 0))
        {
            ReadAhead(file);
        }
        return count == 0 ? default : ReadSlowAsync(context, file, offset, count, destination);
    }

    /// <summary>
    /// Takes a whole block from the tier on disk, past the cache: once for each who reads it as a stream, and the system has it in memory
    /// anyway. Where the destination is in pieces, as a guest's pages are, it is checked before it goes there.
    /// </summary>
    private bool TryReadKept(OpenObject file, BlockKey key, long offset, int count, PayloadWriter destination, out int written)
    {
        int length = file.GetLength((long)key.Index);
        written = 0;
        if (offset % BlockSize != 0 || length > count)
        {
            return false;
        }
        Span<byte> span = destination.GetSpan();
        if (span.Length >= length)
        {
            if (store.Cache.TryReadKept(key, span[..length]))
            {
                destination.Advance(length);
                written = length;
            }
            return written > 0;
        }
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BlockSize);
        if (store.Cache.TryReadKept(key, buffer.AsSpan(0, length)))
        {
            written = destination.Write(buffer.AsSpan(0, length));
        }
        ArrayPool<byte>.Shared.Return(buffer);
        return written > 0;
    }

    /// <summary>Reads a small object, around the cache.</summary>
    public async Task<Errno> ReadAllAsync(string key, ObjectVersion version, Memory<byte> destination)
    {
        Result<GetObjectResponse> got = await bucket.GetAsync(key, version, 0, destination.Length, ending).ConfigureAwait(false);
        if (!got.IsOk)
        {
            return got.Errno == Errno.ENOENT ? Errno.ESTALE : got.Errno;
        }
        using GetObjectResponse response = got.Value;
        try
        {
            await response.ResponseStream.ReadExactlyAsync(destination, ending).ConfigureAwait(false);
            return Errno.None;
        }
        catch (Exception exception) when (S3Failure.GetErrno(exception) is { } errno)
        {
            return errno;
        }
    }

    private async ValueTask<Errno> ReadSlowAsync(RequestContext context, OpenObject file, long offset, int count, PayloadWriter destination)
    {
        long first = offset / BlockSize;
        ValueTask<Result<BlockLease>>[] blocks = Fetch(file, first, (offset + count - 1) / BlockSize, isAhead: false, context.CancellationToken);
        Errno errno = Errno.None;
        OperationCanceledException? interrupted = null;
        foreach (ValueTask<Result<BlockLease>> block in blocks)
        {
            try
            {
                Result<BlockLease> got = await block.ConfigureAwait(false);
                if (!got.IsOk)
                {
                    errno = errno == Errno.None ? got.Errno : errno;
                    continue;
                }
                using BlockLease lease = got.Value;
                if (errno == Errno.None && interrupted is null)
                {
                    int written = Copy(lease, offset, count, destination);
                    offset += written;
                    count -= written;
                }
            }
            catch (OperationCanceledException exception)
            {
                // Each of the others must still give its block back.
                interrupted = exception;
            }
        }
        return interrupted is not null ? Errno.EINTR : errno;
    }

    private void ReadAhead(OpenObject file)
    {
        while (file.Pattern.TryTake(budget, file.Size, out long offset, out long length))
        {
            _ = ReadAheadAsync(file, offset, length);
        }
    }

    private async Task ReadAheadAsync(OpenObject file, long offset, long length)
    {
        try
        {
            foreach (ValueTask<Result<BlockLease>> block in Fetch(file, offset / BlockSize, (offset + length - 1) / BlockSize, isAhead: true, CancellationToken.None))
            {
                Result<BlockLease> got = await block.ConfigureAwait(false);
                if (got.IsOk)
                {
                    got.Value.Dispose();
                }
            }
        }
        finally
        {
            budget.Return(length);
        }
    }

    private ValueTask<Result<BlockLease>>[] Fetch(OpenObject file, long first, long last, bool isAhead, CancellationToken cancellationToken)
    {
        RangeFetch fetch = new(bucket, store, file, isAhead, ending);
        ValueTask<Result<BlockLease>>[] blocks = new ValueTask<Result<BlockLease>>[last - first + 1];
        for (long block = first; block <= last; block++)
        {
            blocks[block - first] = store.Cache.GetAsync(file.GetBlock(store.Source, block), file.GetLength(block), fetch, cancellationToken);
        }
        fetch.Start();
        return blocks;
    }

    private static int Copy(BlockLease lease, long offset, int count, PayloadWriter destination)
    {
        int start = (int)(offset % BlockSize);
        return destination.Write(lease.Span.Slice(start, Math.Min(count, lease.Span.Length - start)));
    }
}
