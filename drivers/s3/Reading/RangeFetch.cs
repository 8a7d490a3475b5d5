using System.Buffers;
using Amazon.S3.Model;
using Kaleidofs.Caching;
using Kaleidofs.Drivers.S3.Client;

namespace Kaleidofs.Drivers.S3.Reading;

/// <summary>
/// Gets a run of blocks by one request, each straight into the cache's memory. The cache says which it lacks, by asking for them; then
/// <see cref="Start"/> sends the request. A block that is asked for when the stream is past it gets a request of its own.
/// </summary>
internal sealed class RangeFetch(Bucket bucket, BlockStore store, OpenObject file, bool isAhead, CancellationToken cancellationToken) : BlockLoader
{
    /// <summary>A stream that breaks is taken up where it broke; not for ever.</summary>
    private const int MaxBreaks = 5;

    private readonly Lock _lock = new();
    private readonly SortedDictionary<long, Target> _targets = [];
    private bool _isStarted;
    private long _at = long.MaxValue;

    /// <inheritdoc/>
    public override bool IsAhead => isAhead;

    /// <inheritdoc/>
    public override ValueTask<Errno> LoadAsync(BlockKey key, Memory<byte> destination)
    {
        Target target = new(destination);
        lock (_lock)
        {
            if (!_isStarted || ((long)key.Index >= _at && (long)key.Index <= _targets.Keys.LastOrDefault(-1)))
            {
                _targets[(long)key.Index] = target;
                return new(target.Loaded.Task);
            }
        }
        RangeFetch alone = new(bucket, store, file, isAhead, cancellationToken);
        ValueTask<Errno> loading = alone.LoadAsync(key, destination);
        alone.Start();
        return loading;
    }

    /// <summary>Sends the request, if anything is lacking.</summary>
    public void Start()
    {
        long last;
        lock (_lock)
        {
            _isStarted = true;
            if (_targets.Count == 0)
            {
                return;
            }
            _at = _targets.Keys.First();
            last = _targets.Keys.Last();
        }
        _ = RunAsync(last);
    }

    private async Task RunAsync(long last)
    {
        Errno errno = Errno.EIO;
        try
        {
            for (int breaks = 0; breaks < MaxBreaks && errno == Errno.EIO && !cancellationToken.IsCancellationRequested; breaks++)
            {
                errno = await StreamAsync(last).ConfigureAwait(false);
            }
        }
        finally
        {
            Target[] rest;
            lock (_lock)
            {
                _at = long.MaxValue;
                rest = [.. _targets.Values];
                _targets.Clear();
            }
            foreach (Target target in rest)
            {
                target.Loaded.TrySetResult(errno == Errno.None ? Errno.EIO : errno);
            }
        }
    }

    /// <summary>Reads on from where it is.</summary>
    /// <returns>EIO if the stream broke, which is worth another try.</returns>
    private async Task<Errno> StreamAsync(long last)
    {
        long first = _at;
        long offset = first * ContentReader.BlockSize;
        long length = (last * ContentReader.BlockSize) + file.GetLength(last) - offset;
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Result<GetObjectResponse> got = await bucket.GetAsync(file.Key, file.Version, offset, length, deadline.Token).ConfigureAwait(false);
        if (!got.IsOk)
        {
            return got.Errno == Errno.ENOENT ? Errno.ESTALE : got.Errno;
        }
        using GetObjectResponse response = got.Value;
        byte[]? scrap = null;
        try
        {
            for (long block = first; block <= last; block++)
            {
                deadline.CancelAfter(bucket.Timeout);
                Target? target;
                lock (_lock)
                {
                    _targets.TryGetValue(block, out target);
                    if (target is null)
                    {
                        // From now on who asks for it is too late.
                        _at = block + 1;
                    }
                }
                Memory<byte> destination = target?.Destination ?? (scrap ??= ArrayPool<byte>.Shared.Rent(ContentReader.BlockSize)).AsMemory(0, file.GetLength(block));
                await response.ResponseStream.ReadExactlyAsync(destination, deadline.Token).ConfigureAwait(false);
                if (target is null)
                {
                    continue;
                }
                ValueTask kept = store.Cache.KeepAsync(file.GetBlock(store.Source, block));
                lock (_lock)
                {
                    _at = block + 1;
                    _targets.Remove(block);
                }
                target.Loaded.TrySetResult(Errno.None);
                await kept.ConfigureAwait(false);
            }
            return Errno.None;
        }
        catch (Exception exception) when (S3Failure.GetErrno(exception) is { } errno)
        {
            return errno;
        }
        finally
        {
            if (scrap is not null)
            {
                ArrayPool<byte>.Shared.Return(scrap);
            }
        }
    }

    /// <summary>A block's memory, and who waits for it.</summary>
    private sealed class Target(Memory<byte> destination)
    {
        public Memory<byte> Destination => destination;

        public TaskCompletionSource<Errno> Loaded { get; } = new();
    }
}
