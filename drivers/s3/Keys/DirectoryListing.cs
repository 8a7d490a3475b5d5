using Kaleidofs.Drivers.S3.Client;
using Kaleidofs.Paths;

namespace Kaleidofs.Drivers.S3.Keys;

/// <summary>
/// Lists a directory. A server gives a thousand keys at a time, and the next thousand only to who has the last: so a long directory is divided at keys
/// that are guessed, and its parts are listed beside each other. A guess behind all keys costs a request that finds nothing, and halves what is left.
/// </summary>
internal sealed class DirectoryListing(Bucket bucket, string prefix, long opened, PathListing listing, string? hidden)
{
    private const int MaxParallel = 8;

    /// <summary>A range is divided when it has shown so many full pages.</summary>
    private const int PagesToDivide = 2;

    private readonly Lock _lock = new();
    private readonly List<KeyRange> _ranges = [new(after: null, end: null)];
    private readonly List<Task> _reading = [];
    private readonly KeyAlphabet _alphabet = new();
    private DirectoryPages? _pages;
    private Errno _errno;
    private int _active;

    /// <summary>Lists all of it.</summary>
    public async Task<Errno> ReadAsync(CancellationToken cancellationToken)
    {
        _pages = new DirectoryPages(prefix, opened, listing, _ranges, hidden);
        Begin(_ranges[0], cancellationToken);
        while (true)
        {
            Task[] reading;
            lock (_lock)
            {
                reading = [.. _reading];
            }
            await Task.WhenAll(reading).ConfigureAwait(false);
            lock (_lock)
            {
                if (_reading.Count == reading.Length)
                {
                    break;
                }
            }
        }
        if (_errno == Errno.None)
        {
            _pages.End();
        }
        return _errno;
    }

    /// <summary>Under the lock, but for the first.</summary>
    private void Begin(KeyRange range, CancellationToken cancellationToken)
    {
        _active++;
        _reading.Add(ReadAsync(range, cancellationToken));
    }

    private async Task ReadAsync(KeyRange range, CancellationToken cancellationToken)
    {
        string? continuation = null;
        do
        {
            Result<ListedPage> page = await bucket.ListAsync(prefix, isFlat: false, continuation, continuation is null ? range.After : null, count: 0, cancellationToken).ConfigureAwait(false);
            lock (_lock)
            {
                if (!page.IsOk || _errno != Errno.None)
                {
                    _errno = _errno != Errno.None ? _errno : page.Errno == Errno.ENOENT ? Errno.EIO : page.Errno;
                    range.IsDone = true;
                }
                else
                {
                    Take(range, page.Value);
                    continuation = page.Value.Continuation;
                    if (!range.IsDone && _active < MaxParallel && range.Pages >= PagesToDivide)
                    {
                        Divide(range, cancellationToken);
                    }
                }
                if (range.IsDone)
                {
                    _active--;
                }
            }
        }
        while (!range.IsDone);
    }

    private void Take(KeyRange range, ListedPage page)
    {
        ListedPage own = page;
        if (range.End is not null)
        {
            own = new ListedPage([.. page.Objects.Where(found => range.Has(found.Key))], [.. page.Prefixes.Where(range.Has)], page.Continuation);
        }
        bool isCut = own.Objects.Count + own.Prefixes.Count < page.Objects.Count + page.Prefixes.Count;
        range.IsDone = isCut || page.Continuation is null;
        range.Pages++;
        if (range.IsDone)
        {
            _ranges.Remove(range);
        }
        foreach (ListedObject found in own.Objects)
        {
            range.Position = KeyText.Later(range.Position, found.Key);
            _alphabet.Note(found.Key.AsSpan(Math.Min(prefix.Length, found.Key.Length)));
        }
        foreach (string found in own.Prefixes)
        {
            range.Position = KeyText.Later(range.Position, found);
            _alphabet.Note(found.AsSpan(Math.Min(prefix.Length, found.Length)));
        }
        _pages!.Add(own);
    }

    private void Divide(KeyRange range, CancellationToken cancellationToken)
    {
        if (_alphabet.FindMiddle(range.Position, range.End, prefix) is not { } middle)
        {
            return;
        }
        KeyRange upper = new(middle, range.End);
        range.End = middle;
        range.Pages = 0;
        _ranges.Add(upper);
        Begin(upper, cancellationToken);
    }
}
