using System.Collections.Concurrent;
using Kaleidofs.Drivers.S3.Client;

namespace Kaleidofs.Drivers.S3.Renaming;

/// <summary>
/// Renames all keys with a prefix: copies them, then removes the originals. Nothing is removed of which there is not another: an original only while it is
/// the version that was copied, a copy only while its original is there.
/// </summary>
internal sealed class DirectoryRename(Bucket bucket, RenameNote note, FileReader files)
{
    private const int MaxParallel = 16;

    /// <summary>What others put meanwhile is copied, too, so often.</summary>
    private const int MaxRounds = 3;

    /// <summary>All keys with a prefix; EXDEV if there are more than so many.</summary>
    public static async Task<Result<List<ListedObject>>> ListAsync(Bucket bucket, string prefix, long most, CancellationToken cancellationToken)
    {
        List<ListedObject> found = [];
        string? continuation = null;
        do
        {
            Result<ListedPage> page = await bucket.ListAsync(prefix, isFlat: true, continuation, after: null, count: 0, cancellationToken).ConfigureAwait(false);
            if (!page.IsOk)
            {
                return page.Errno;
            }
            found.AddRange(page.Value.Objects.Where(one => one.Key.StartsWith(prefix, StringComparison.Ordinal)));
            continuation = page.Value.Continuation;
        }
        while (continuation is not null && found.Count <= most);
        return found.Count > most ? Errno.EXDEV : found;
    }

    /// <summary>Copies all, and undoes that if it fails.</summary>
    /// <param name="most">The most keys.</param>
    /// <param name="multipart">Makes copies of long objects.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    /// <returns>What was copied.</returns>
    public async Task<Result<IReadOnlyCollection<RenamedObject>>> CopyAsync(long most, Func<string, IReadOnlyDictionary<string, string>, MultipartUpload> multipart, CancellationToken cancellationToken)
    {
        ConcurrentDictionary<string, RenamedObject> copied = new(StringComparer.Ordinal);
        Errno errno = Errno.None;
        for (int round = 0; round < MaxRounds && errno == Errno.None; round++)
        {
            Result<List<ListedObject>> listed = await ListAsync(bucket, note.Record.From, most, cancellationToken).ConfigureAwait(false);
            errno = listed.Errno;
            RenamedObject[] lacking = errno != Errno.None ? [] :
            [
                .. listed.Value.Select(one => new RenamedObject(one.Key[note.Record.From.Length..], one.Version.ETag, one.Size, null))
                    .Where(one => copied.GetValueOrDefault(one.Rest)?.ETag != one.ETag),
            ];
            if (lacking.Length == 0)
            {
                break;
            }
            await RunAsync(() => note.Add(lacking, areCopied: false)).ConfigureAwait(false);
            errno = await ForEachAsync(lacking, async one =>
            {
                // Nothing of another's is overwritten; an empty directory that is replaced has a marker.
                Precondition? condition = one.Rest.Length == 0 ? null : new Precondition(copied.GetValueOrDefault(one.Rest)?.Copy);
                Result<ObjectHead> copy = await bucket.CopyAsync(note.Record.From + one.Rest, note.Record.To + one.Rest, head => head.Metadata, multipart, condition, cancellationToken, one.ETag).ConfigureAwait(false);
                if (copy.IsOk)
                {
                    copied[one.Rest] = one with { Copy = copy.Value.Version.ETag };
                }
                // Removed or replaced by another meanwhile: the next round tells.
                return copy.Errno is Errno.ENOENT or Errno.ESTALE ? Errno.None : copy.Errno;
            }).ConfigureAwait(false);
        }
        if (errno != Errno.None)
        {
            Errno undone = await UndoAsync(copied.Values, CancellationToken.None).ConfigureAwait(false);
            if (undone == Errno.None)
            {
                await RunAsync(note.Remove).ConfigureAwait(false);
            }
            return errno;
        }
        RenamedObject[] all = [.. copied.Values];
        await RunAsync(() => note.Add(all, areCopied: true)).ConfigureAwait(false);
        return new Result<IReadOnlyCollection<RenamedObject>>(all);
    }

    /// <summary>Removes the originals of copies.</summary>
    public Task<Errno> FinishAsync(IEnumerable<RenamedObject> copied, CancellationToken cancellationToken) => ForEachAsync(copied, async one =>
    {
        string from = note.Record.From + one.Rest;
        Result<ObjectHead> original = await bucket.HeadAsync(from, cancellationToken).ConfigureAwait(false);
        if (!original.IsOk || original.Value.Version.ETag != one.ETag)
        {
            // Gone already, or another's, which stays.
            return original.Errno == Errno.ENOENT ? Errno.None : original.Errno;
        }
        Result<ObjectHead> copy = await bucket.HeadAsync(note.Record.To + one.Rest, cancellationToken).ConfigureAwait(false);
        return copy.IsOk ? await bucket.DeleteAsync(from, cancellationToken).ConfigureAwait(false)
            : copy.Errno == Errno.ENOENT ? Errno.None
            : copy.Errno;
    });

    /// <summary>Removes copies whose originals are there.</summary>
    public Task<Errno> UndoAsync(IEnumerable<RenamedObject> objects, CancellationToken cancellationToken) => ForEachAsync(objects.DistinctBy(one => one.Rest), async one =>
    {
        string to = note.Record.To + one.Rest;
        Result<ObjectHead> copy = await bucket.HeadAsync(to, cancellationToken).ConfigureAwait(false);
        if (!copy.IsOk)
        {
            return copy.Errno == Errno.ENOENT ? Errno.None : copy.Errno;
        }
        Result<ObjectHead> original = await bucket.HeadAsync(note.Record.From + one.Rest, cancellationToken).ConfigureAwait(false);
        return original.IsOk && IsCopy(original.Value, copy.Value) ? await bucket.DeleteAsync(to, cancellationToken).ConfigureAwait(false)
            : original.Errno == Errno.ENOENT ? Errno.None
            : original.Errno;
    });

    /// <summary>Whether it has the same bytes and metadata. What was sent in parts has another tag as a copy.</summary>
    private static bool IsCopy(ObjectHead original, ObjectHead copy)
        => original.Size == copy.Size
            && (original.Version.ETag == copy.Version.ETag || original.Version.ETag.Contains('-', StringComparison.Ordinal))
            && original.Metadata.Count == copy.Metadata.Count
            && original.Metadata.All(pair => copy.Metadata.GetValueOrDefault(pair.Key) == pair.Value);

    private static async Task<Errno> ForEachAsync(IEnumerable<RenamedObject> objects, Func<RenamedObject, Task<Errno>> work)
    {
        int errno = 0;
        await Parallel.ForEachAsync(objects, new ParallelOptions { MaxDegreeOfParallelism = MaxParallel }, async (one, _) =>
        {
            if (Volatile.Read(ref errno) == 0 && await work(one).ConfigureAwait(false) is var failed and not Errno.None)
            {
                Interlocked.CompareExchange(ref errno, (int)failed, 0);
            }
        }).ConfigureAwait(false);
        return (Errno)errno;
    }

    private Task<bool> RunAsync(Action work) => files.RunAsync(() =>
    {
        work();
        return true;
    });
}
