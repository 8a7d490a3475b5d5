using Kaleidofs.Drivers.S3.Writing;

namespace Kaleidofs.Drivers.S3.Client;

/// <summary>
/// An object on its way in parts, a few at once. It is noted in the journal before it begins, and until it is complete or given up,
/// so that what a crash leaves at the server is found and removed.
/// </summary>
internal sealed class MultipartUpload(Bucket bucket, UploadJournal journal, string key, IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken)
{
    private const int MaxParallel = 6;

    private readonly List<Task<Result<string>>> _parts = [];
    private string? _id;
    private UploadNote? _note;
    private Errno _failure;

    /// <summary>The key that it will have.</summary>
    public string Key => key;

    /// <summary>The metadata that it will have.</summary>
    public IReadOnlyDictionary<string, string> Metadata => metadata;

    /// <summary>How many parts were added.</summary>
    public int Count => _parts.Count;

    private SemaphoreSlim Slots { get; } = new(MaxParallel);

    /// <summary>Sends the next part, and returns when there is room for another. One caller at a time.</summary>
    /// <param name="send">Sends it, given the upload's number and the part's; returns the part's tag.</param>
    public async Task AddAsync(Func<string, int, Task<Result<string>>> send)
    {
        if (_id is null && _failure == Errno.None)
        {
            await BeginAsync().ConfigureAwait(false);
        }
        await Slots.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        int number = _parts.Count + 1;
        _parts.Add(SendAsync(() => send(_id!, number)));
    }

    /// <summary>Makes the object, when all parts are there. If that fails what was sent is removed.</summary>
    /// <returns>The entity tag.</returns>
    public async Task<Result<string>> CompleteAsync(Precondition? condition)
    {
        Result<string>[] parts = await Task.WhenAll(_parts).ConfigureAwait(false);
        Errno errno = _failure != Errno.None ? _failure : parts.FirstOrDefault(part => !part.IsOk).Errno;
        if (errno == Errno.None)
        {
            Result<string> completed = await bucket.CompleteUploadAsync(key, _id!, [.. parts.Select(part => part.Value)], metadata, condition, cancellationToken).ConfigureAwait(false);
            if (completed.IsOk)
            {
                _note?.Dispose();
                return completed;
            }
            errno = completed.Errno;
        }
        await AbortAsync().ConfigureAwait(false);
        return errno;
    }

    /// <summary>Gives it up.</summary>
    public async Task AbortAsync()
    {
        _failure = _failure == Errno.None ? Errno.EIO : _failure;
        await Task.WhenAll(_parts).ConfigureAwait(false);
        if (_id is not null && await bucket.AbortUploadAsync(key, _id, CancellationToken.None).ConfigureAwait(false) is Errno.None or Errno.ENOENT)
        {
            _note?.Dispose();
        }
    }

    private async Task BeginAsync()
    {
        _note = await journal.NoteAsync(key).ConfigureAwait(false);
        Result<string> begun = await bucket.BeginUploadAsync(key, metadata, cancellationToken).ConfigureAwait(false);
        _failure = begun.Errno;
        _id = begun.Value;
        if (begun.IsOk)
        {
            _note?.SetUpload(begun.Value);
        }
    }

    private async Task<Result<string>> SendAsync(Func<Task<Result<string>>> send)
    {
        try
        {
            Result<string> part = _failure == Errno.None ? await send().ConfigureAwait(false) : _failure;
            if (!part.IsOk)
            {
                _failure = part.Errno;
            }
            return part;
        }
        finally
        {
            Slots.Release();
        }
    }
}
