using System.Collections.Concurrent;
using Kaleidofs.Caching;
using Kaleidofs.Drivers.Git.Objects;

namespace Kaleidofs.Drivers.Git;

/// <summary>
/// Files' content. A file that one read takes whole is inflated straight to where it is wanted. Others go through the content cache block by
/// block: one that is inflated is read on where the last block ended, and one that deltas make is made once.
/// </summary>
internal sealed class BlobReader(ObjectDatabase objects, ContentCache cache, FileReader files) : IDisposable
{
    public const int BlockLength = 128 << 10;

    /// <summary>Streams that wait for the next read of their file.</summary>
    private const int MaxParked = 16;

    /// <summary>Files whose blocks have numbers.</summary>
    private const ulong MaxBlobs = 1 << 15;

    private readonly FileReader _files = files;
    private readonly ulong _source = cache.OpenSource("");
    private readonly ConcurrentDictionary<ObjectId, Blob> _blobs = new();
    private readonly Queue<Blob> _parked = new();
    private Blob? _parkedWhole;
    private ulong _lastNumber;

    /// <summary>Reads a part of a file that is not empty, and within its size.</summary>
    public ValueTask<Errno> ReadAsync(RequestContext context, in ObjectId id, long size, long offset, int count, PayloadWriter destination)
    {
        // What was read ahead is in the cache, or on its way there.
        if (offset == 0 && count == size && !(_blobs.TryGetValue(id, out Blob? known) && known.WasReadAhead))
        {
            ObjectId whole = id;
            return new(_files.RunAsync(() => ReadWhole(whole, size, destination)));
        }
        return ReadBlocksAsync(context, GetBlob(id, size), offset, count, destination);
    }

    /// <summary>Makes a file ready that is about to be read, if it is small. May wait for a disk.</summary>
    public void ReadAhead(in ObjectId id, long size)
    {
        if (size is <= 0 or > BlockLength)
        {
            return;
        }
        Blob blob = GetBlob(id, size);
        blob.WasReadAhead = true;
        ValueTask<Result<BlockLease>> got = cache.GetAsync(blob.GetKey(_source, 0), (int)size, blob.Here);
        if (!got.IsCompletedSuccessfully)
        {
            _ = LeaveAsync(got);
        }
        else if (got.Result.IsOk)
        {
            got.Result.Value.Dispose();
        }

        static async Task LeaveAsync(ValueTask<Result<BlockLease>> loading)
        {
            if (await loading.ConfigureAwait(false) is { IsOk: true, Value: var lease })
            {
                lease.Dispose();
            }
        }
    }

    /// <summary>All of a small object, as a symbolic link's target is. May wait for a disk.</summary>
    public Result<ReadOnlyMemory<byte>> ReadSmall(in ObjectId id, int limit)
    {
        Result<ObjectBuffer> read = objects.Read(id, ObjectKind.Blob, limit);
        if (!read.IsOk)
        {
            return read.Errno == Errno.ENOENT ? objects.Miss(id) : read.Errno;
        }
        using ObjectBuffer buffer = read.Value;
        return new(new ReadOnlyMemory<byte>(buffer.Span.ToArray()));
    }

    public void Dispose()
    {
        foreach (Blob blob in _blobs.Values)
        {
            lock (blob)
            {
                blob.Parked?.Dispose();
                blob.Parked = null;
            }
        }
    }

    private Blob GetBlob(in ObjectId id, long size)
    {
        if (_blobs.TryGetValue(id, out Blob? known))
        {
            return known;
        }
        ulong number = Interlocked.Increment(ref _lastNumber);
        if (number % MaxBlobs == 0)
        {
            // Their blocks fall out of the cache by themselves.
            _blobs.Clear();
        }
        return _blobs.GetOrAdd(id, new Blob(this, id, size, number));
    }

    private async ValueTask<Errno> ReadBlocksAsync(RequestContext context, Blob blob, long offset, int count, PayloadWriter destination)
    {
        for (long end = offset + count; offset < end;)
        {
            long index = offset / BlockLength;
            Result<BlockLease> got = await cache.GetAsync(blob.GetKey(_source, index), blob.GetLength(index), blob, context.CancellationToken).ConfigureAwait(false);
            if (!got.IsOk)
            {
                return got.Errno;
            }
            using BlockLease lease = got.Value;
            int start = (int)(offset % BlockLength);
            offset += destination.Write(lease.Span.Slice(start, (int)Math.Min(lease.Span.Length - start, end - offset)));
        }
        return Errno.None;
    }

    private Errno ReadWhole(in ObjectId id, long size, PayloadWriter destination)
    {
        Errno errno;
        bool again;
        do
        {
            errno = ReadWhole(id, size, destination, out again);
        }
        while (again);
        return errno;
    }

    /// <param name="id">The file.</param>
    /// <param name="size">Its size.</param>
    /// <param name="destination">Takes all of it.</param>
    /// <param name="again">It is damaged, and another copy of it may be read: nothing has been given away yet.</param>
    private Errno ReadWhole(in ObjectId id, long size, PayloadWriter destination, out bool again)
    {
        again = false;
        Result<ObjectStream> opened = Open(id, size);
        if (!opened.IsOk)
        {
            return opened.Errno;
        }
        using ObjectStream stream = opened.Value;
        try
        {
            while (stream.Position < size)
            {
                Span<byte> span = destination.GetSpan();
                span = span[..(int)Math.Min(span.Length, size - stream.Position)];
                stream.ReadExactly(span);
                destination.Advance(span.Length);
            }
            return Errno.None;
        }
        catch (DamageException exception)
        {
            again = objects.NoteDamage(stream, id, exception) && stream.Position == 0;
            return Errno.EIO;
        }
        catch (ObjectDisposedException)
        {
            // Its pack was replaced long ago, and closed now: the object is in another.
            again = stream.Position == 0;
            return Errno.EIO;
        }
        catch (IOException exception)
        {
            return objects.LogDamage(id, new DamageException(exception.Message));
        }
    }

    private Errno Load(Blob blob, long index, Memory<byte> destination)
    {
        // One at a time: readers of a file that is inflated would otherwise each begin at its beginning.
        lock (blob)
        {
            byte[]? passed = null;
            ObjectStream? stream = Take(blob, index * BlockLength);
            try
            {
                if (stream is null)
                {
                    Result<ObjectStream> opened = Open(blob.Id, blob.Size);
                    if (!opened.IsOk)
                    {
                        return opened.Errno;
                    }
                    stream = opened.Value;
                }
                while (stream.Position < index * BlockLength)
                {
                    long at = stream.Position / BlockLength;
                    passed ??= ObjectBuffer.Pool.Rent(BlockLength);
                    stream.ReadExactly(passed.AsSpan(0, blob.GetLength(at)));
                    cache.Add(blob.GetKey(_source, at), passed.AsSpan(0, blob.GetLength(at)));
                }
                stream.ReadExactly(destination.Span);
                if (stream.Whole is not null && blob.Size <= cache.Budget / 4)
                {
                    AddAll(blob, stream.Whole);
                }
                else
                {
                    Park(blob, stream);
                }
                stream = stream.Whole is not null && blob.Parked != stream ? stream : null;
                return Errno.None;
            }
            catch (DamageException exception)
            {
                // From another copy, if there is one; it is marked now.
                return objects.NoteDamage(stream!, blob.Id, exception) ? Load(blob, index, destination) : Errno.EIO;
            }
            catch (ObjectDisposedException) when (stream is not null)
            {
                // Its pack was replaced long ago, and closed while the stream waited here: the object is in another.
                return Load(blob, index, destination);
            }
            catch (IOException exception)
            {
                return objects.LogDamage(blob.Id, new DamageException(exception.Message));
            }
            finally
            {
                stream?.Dispose();
                if (passed is not null)
                {
                    ObjectBuffer.Pool.Return(passed);
                }
            }
        }
    }

    private Result<ObjectStream> Open(in ObjectId id, long size)
    {
        Result<ObjectStream> opened = objects.Open(id);
        if (!opened.IsOk)
        {
            return opened.Errno == Errno.ENOENT ? objects.Miss(id) : opened.Errno;
        }
        if (opened.Value.Kind == ObjectKind.Blob && opened.Value.Size == size)
        {
            return opened;
        }
        opened.Value.Dispose();
        return objects.LogDamage(id, new DamageException("it is no file of the size that was told"));
    }

    private static ObjectStream? Take(Blob blob, long position)
    {
        ObjectStream? stream = blob.Parked;
        blob.Parked = null;
        if (stream is null || stream.TrySeek(position))
        {
            return stream;
        }
        stream.Dispose();
        return null;
    }

    private void AddAll(Blob blob, ObjectBuffer whole)
    {
        for (long index = 0; index * BlockLength < blob.Size; index++)
        {
            cache.Add(blob.GetKey(_source, index), whole.Span.Slice((int)(index * BlockLength), blob.GetLength(index)));
        }
    }

    private void Park(Blob blob, ObjectStream stream)
    {
        if (stream.Whole is null && stream.Position == blob.Size)
        {
            stream.Dispose();
            return;
        }
        blob.Parked = stream;
        Blob? oldest = null;
        if (stream.Whole is not null)
        {
            // Much memory: one at a time.
            oldest = Interlocked.Exchange(ref _parkedWhole, blob);
            oldest = oldest == blob ? null : oldest;
        }
        else lock (_parked)
        {
            if (!_parked.Contains(blob))
            {
                _parked.Enqueue(blob);
                oldest = _parked.Count > MaxParked ? _parked.Dequeue() : null;
            }
        }
        // Its lock may be somebody's who waits for this one's: then it stays parked until its next reader is done.
        if (oldest is not null && Monitor.TryEnter(oldest))
        {
            oldest.Parked?.Dispose();
            oldest.Parked = null;
            Monitor.Exit(oldest);
        }
    }

    /// <summary>A file that is read in blocks.</summary>
    private sealed class Blob(BlobReader reader, ObjectId id, long size, ulong number) : BlockLoader
    {
        public ObjectId Id => id;

        public long Size => size;

        /// <summary>Whether it has been read ahead.</summary>
        public volatile bool WasReadAhead;

        /// <summary>Loads on the thread that asks.</summary>
        public BlockLoader Here => new Synchronous(reader, this);

        /// <summary>Where the last read left off. Under this object's lock.</summary>
        public ObjectStream? Parked { get; set; }

        public int GetLength(long index) => (int)Math.Min(BlockLength, size - (index * BlockLength));

        public BlockKey GetKey(ulong source, long index) => new(source, number, (ulong)index);

        public override ValueTask<Errno> LoadAsync(BlockKey key, Memory<byte> destination)
            => new(reader._files.RunAsync(() => reader.Load(this, (long)key.Index, destination)));
    }

    private sealed class Synchronous(BlobReader reader, Blob blob) : BlockLoader
    {
        public override ValueTask<Errno> LoadAsync(BlockKey key, Memory<byte> destination) => new(reader.Load(blob, (long)key.Index, destination));
    }
}
