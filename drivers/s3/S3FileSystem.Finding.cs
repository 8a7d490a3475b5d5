using Kaleidofs.Drivers.S3.Client;
using Kaleidofs.Drivers.S3.Keys;
using Kaleidofs.Paths;

namespace Kaleidofs.Drivers.S3;

internal sealed partial class S3FileSystem
{
    /// <summary>A name too long to be shown is looked for on so many pages of keys with its beginning.</summary>
    private const int MaxSearchedPages = 16;

    /// <summary>A file, a link, a directory and its marker, and some neighbours.</summary>
    private const int FewKeys = 20;

    /// <inheritdoc/>
    protected override async ValueTask<Result<PathFacts>> FindAsync(PathNode directory, ReadOnlyMemory<byte> name, CancellationToken cancellationToken)
    {
        if (GetEarlier(directory) is { } place)
        {
            return await FindEarlierAsync(place, name, cancellationToken).ConfigureAwait(false);
        }
        if (IsVersionsName(directory, name.Span))
        {
            return DescribeVersions();
        }
        if (!KeyName.TryDecode(name.Span, out DecodedName decoded))
        {
            return Errno.ENOENT;
        }
        string prefix = GetPrefix(directory);
        string component = decoded.Component;
        string? odd = null;
        if (decoded.Digest is not null)
        {
            Result<string> found = await FindLongAsync(prefix, name, decoded, cancellationToken).ConfigureAwait(false);
            if (!found.IsOk)
            {
                return found.Errno;
            }
            odd = component = found.Value;
        }
        if (!KeyText.IsShortEnough(prefix + component))
        {
            return Errno.ENOENT;
        }
        Result<Occupants> asked = await FindOccupantsAsync(prefix, component, cancellationToken).ConfigureAwait(false);
        if (!asked.IsOk)
        {
            return asked.Errno;
        }
        Occupants occupants = asked.Value;
        if (decoded.IsMarked)
        {
            return occupants is { HasDirectory: true, File: { } beside } ? ObjectFacts.OfFile(beside, odd) : Errno.ENOENT;
        }
        if (occupants.HasDirectory)
        {
            return ObjectFacts.OfDirectory(occupants.Marker, _opened, odd);
        }
        if (occupants.File is { } file)
        {
            return ObjectFacts.TryGetLinkName(component, out string plain) && ObjectFacts.CanBeLink(file.Size)
                ? await FindLinkFileAsync(prefix, plain, file, odd, cancellationToken).ConfigureAwait(false)
                : ObjectFacts.OfFile(file, odd);
        }
        if (occupants.Link is { } link && ObjectFacts.CanBeLink(link.Size))
        {
            Result<bool> isDirectory = await HasKeysAsync(prefix + component + ObjectFacts.LinkSuffix + "/", cancellationToken).ConfigureAwait(false);
            return !isDirectory.IsOk ? isDirectory.Errno : isDirectory.Value ? Errno.ENOENT : ObjectFacts.OfLink(link.Size, link.Version, odd);
        }
        return Errno.ENOENT;
    }

    /// <summary>
    /// All that a component may stand for, asked at once: the object with its key, for the metadata, and a short listing of the keys that begin with it.
    /// That has all the others, unless many keys stand before the name with a slash.
    /// </summary>
    private async Task<Result<Occupants>> FindOccupantsAsync(string prefix, string component, CancellationToken cancellationToken)
    {
        string key = prefix + component;
        Task<Result<ListedPage>> listing = _bucket.ListAsync(key, isFlat: true, continuation: null, after: null, FewKeys, cancellationToken);
        Result<ObjectHead?> file = key.Length == 0 ? new Result<ObjectHead?>((ObjectHead?)null) : await HeadIfThereAsync(key, cancellationToken).ConfigureAwait(false);
        Result<ListedPage> page = await listing.ConfigureAwait(false);
        if (!file.IsOk || !page.IsOk)
        {
            return !file.IsOk ? file.Errno : page.Errno;
        }
        ListedObject? link = FindListed(page.Value, key + ObjectFacts.LinkSuffix);
        if (page.Value.Continuation is not null && !page.Value.Objects.Any(found => KeyText.Compare(found.Key, key + "/") >= 0))
        {
            Task<Result<ListedPage>> linking = _bucket.ListAsync(key + ObjectFacts.LinkSuffix, isFlat: true, continuation: null, after: null, count: 1, cancellationToken);
            page = await _bucket.ListAsync(key + "/", isFlat: true, continuation: null, after: null, count: 1, cancellationToken).ConfigureAwait(false);
            Result<ListedPage> linked = await linking.ConfigureAwait(false);
            if (!page.IsOk || !linked.IsOk)
            {
                return !page.IsOk ? page.Errno : linked.Errno;
            }
            link = FindListed(linked.Value, key + ObjectFacts.LinkSuffix);
        }
        // An empty object with the directory's own name says that the directory is there, and what it is like.
        ObjectHead? head = component.Length == 0 && file.Value is { Size: 0 } ? null : file.Value;
        bool hasDirectory = page.Value.Objects.Any(found => found.Key.StartsWith(key + "/", StringComparison.Ordinal));
        Result<ObjectHead?> marker = new((ObjectHead?)null);
        if (FindListed(page.Value, key + "/") is { Size: 0 })
        {
            marker = await HeadIfThereAsync(key + "/", cancellationToken).ConfigureAwait(false);
        }
        return marker.IsOk ? new Occupants(head, link, hasDirectory, marker.Value) : marker.Errno;
    }

    private static ListedObject? FindListed(ListedPage page, string key)
    {
        foreach (ListedObject found in page.Objects)
        {
            if (found.Key == key)
            {
                return found;
            }
        }
        return null;
    }

    /// <summary>An object that looks like a link's is a file only if something else has the link's name; else it is shown under that.</summary>
    private async Task<Result<PathFacts>> FindLinkFileAsync(string prefix, string name, ObjectHead file, string? odd, CancellationToken cancellationToken)
    {
        Result<Occupants> plain = await FindOccupantsAsync(prefix, name, cancellationToken).ConfigureAwait(false);
        return !plain.IsOk ? plain.Errno : plain.Value is { File: null, HasDirectory: false } ? Errno.ENOENT : ObjectFacts.OfFile(file, odd);
    }

    private async Task<Result<ObjectHead?>> HeadIfThereAsync(string key, CancellationToken cancellationToken, string? version = null)
    {
        if (!KeyText.IsShortEnough(key))
        {
            return new Result<ObjectHead?>((ObjectHead?)null);
        }
        Result<ObjectHead> head = await _bucket.HeadAsync(key, cancellationToken, version).ConfigureAwait(false);
        if (head.Errno == Errno.EIO && key.Contains('\0', StringComparison.Ordinal))
        {
            // Not every server can have such a key: then the request is a bad one.
            head = Errno.ENOENT;
        }
        return head.IsOk ? new Result<ObjectHead?>(head.Value)
            : head.Errno == Errno.ENOENT ? new Result<ObjectHead?>((ObjectHead?)null)
            : head.Errno;
    }

    private async Task<Result<bool>> HasKeysAsync(string prefix, CancellationToken cancellationToken)
    {
        Result<ListedPage> page = await _bucket.ListAsync(prefix, isFlat: true, continuation: null, after: null, count: 1, cancellationToken).ConfigureAwait(false);
        return page.IsOk ? page.Value.Objects.Count > 0 : page.Errno;
    }

    /// <summary>The component that a shortened name is of: one that begins alike and has that digest.</summary>
    private async Task<Result<string>> FindLongAsync(string prefix, ReadOnlyMemory<byte> name, DecodedName decoded, CancellationToken cancellationToken)
    {
        string? continuation = null;
        for (int pages = 0; pages < MaxSearchedPages; pages++)
        {
            Result<ListedPage> page = await _bucket.ListAsync(prefix + decoded.Component, isFlat: false, continuation, after: null, count: 0, cancellationToken).ConfigureAwait(false);
            if (!page.IsOk)
            {
                return page.Errno;
            }
            foreach (string key in page.Value.Objects.Select(found => found.Key).Concat(page.Value.Prefixes))
            {
                string component = key[prefix.Length..].TrimEnd('/');
                if (KeyName.Encode(component, decoded.IsMarked).AsSpan().SequenceEqual(name.Span))
                {
                    return component;
                }
            }
            continuation = page.Value.Continuation;
            if (continuation is null)
            {
                break;
            }
        }
        return Errno.ENOENT;
    }

    /// <summary>What there is for a component of a key.</summary>
    /// <param name="File">The object that has the key.</param>
    /// <param name="Link">The object that has it with a link's suffix.</param>
    /// <param name="HasDirectory">Keys go on with a slash behind it.</param>
    /// <param name="Marker">The empty object that has it with a slash.</param>
    private sealed record Occupants(ObjectHead? File, ListedObject? Link, bool HasDirectory, ObjectHead? Marker);
}
