using System.Globalization;
using Kaleidofs.Drivers.S3.Client;
using Kaleidofs.Drivers.S3.Keys;
using Kaleidofs.Paths;

namespace Kaleidofs.Drivers.S3;

/// <summary>What keys had before: <c>.versions/PATH/1</c> is the oldest that the bucket still keeps. Nothing there can be changed.</summary>
internal sealed partial class S3FileSystem
{
    private const string VersionsText = ".versions";

    private static ReadOnlySpan<byte> VersionsName => ".versions"u8;

    private bool IsVersionsName(PathNode directory, ReadOnlySpan<byte> name) => _showsVersions && directory == Root && name.SequenceEqual(VersionsName);

    private static EarlierPlace? GetEarlier(PathNode node) => ((S3State)node.State!).Earlier;

    private PathFacts DescribeVersions() => DescribeEarlier(new EarlierPlace("", _address.Prefix));

    private PathFacts DescribeEarlier(EarlierPlace place) => With(ObjectFacts.OfDirectory(marker: null, _opened, component: null), place);

    private PathFacts DescribeEarlierKey(string key) => DescribeEarlier(new EarlierPlace(key, key + "/"));

    private static PathFacts With(in PathFacts facts, EarlierPlace place) => new(facts.Attributes, (S3State)facts.State! with { Earlier = place });

    /// <summary>A directory for each key that had something before, and for what others have in common; then the numbers of the directory's own key.</summary>
    private async ValueTask<Errno> ReadEarlierAsync(EarlierPlace place, PathListing listing, CancellationToken cancellationToken)
    {
        HashSet<string> components = new(StringComparer.Ordinal);
        string? continuation = null;
        do
        {
            Result<ListedPage> page = await _bucket.ListEarlierAsync(place.Prefix, continuation, cancellationToken).ConfigureAwait(false);
            if (!page.IsOk)
            {
                return page.Errno == Errno.ENOENT ? Errno.EIO : page.Errno;
            }
            foreach (string component in GetComponents(page.Value, place.Prefix))
            {
                if (components.Add(component))
                {
                    listing.Add(KeyName.Encode(component), DescribeEarlierKey(place.Prefix + component));
                }
            }
            listing.Publish();
            continuation = page.Value.Continuation;
        }
        while (continuation is not null);
        if (place.Key.Length == 0)
        {
            return Errno.None;
        }
        Result<List<ListedObject>> earlier = await _bucket.FindEarlierAsync(place.Key, cancellationToken).ConfigureAwait(false);
        for (int i = 0; earlier.IsOk && i < earlier.Value.Count; i++)
        {
            string number = (i + 1).ToString(CultureInfo.InvariantCulture);
            listing.Add(KeyName.Encode(number, isMarked: components.Contains(number)), With(ObjectFacts.OfFile(earlier.Value[i], component: null), new EarlierPlace(place.Key, "")));
        }
        return earlier.Errno;
    }

    private async ValueTask<Result<PathFacts>> FindEarlierAsync(EarlierPlace place, ReadOnlyMemory<byte> name, CancellationToken cancellationToken)
    {
        if (!KeyName.TryDecode(name.Span, out DecodedName decoded))
        {
            return Errno.ENOENT;
        }
        if (decoded.Digest is not null)
        {
            return await FindLongEarlierAsync(place, name, decoded.Component, cancellationToken).ConfigureAwait(false);
        }
        string key = place.Prefix + decoded.Component;
        if (!KeyText.IsShortEnough(key))
        {
            return Errno.ENOENT;
        }
        Task<Result<bool>> beneath = _bucket.HasHadKeysAsync(key + "/", cancellationToken);
        Result<List<ListedObject>> own = decoded.Component.Length == 0 ? new List<ListedObject>() : await _bucket.FindEarlierAsync(key, cancellationToken).ConfigureAwait(false);
        Result<bool> isAbove = await beneath.ConfigureAwait(false);
        if (!own.IsOk || !isAbove.IsOk)
        {
            return !own.IsOk ? own.Errno : isAbove.Errno;
        }
        bool isDirectory = isAbove.Value || own.Value.Count > 0;
        if (isDirectory && !decoded.IsMarked)
        {
            return DescribeEarlierKey(key);
        }
        return isDirectory == decoded.IsMarked && place.Key.Length > 0
            ? await FindNumberAsync(place.Key, decoded.Component, cancellationToken).ConfigureAwait(false)
            : Errno.ENOENT;
    }

    private async ValueTask<Result<PathFacts>> FindNumberAsync(string key, string text, CancellationToken cancellationToken)
    {
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number == 0 || text[0] == '0')
        {
            return Errno.ENOENT;
        }
        Result<List<ListedObject>> earlier = await _bucket.FindEarlierAsync(key, cancellationToken).ConfigureAwait(false);
        if (!earlier.IsOk || number > earlier.Value.Count)
        {
            return earlier.IsOk ? Errno.ENOENT : earlier.Errno;
        }
        Result<ObjectHead> head = await _bucket.HeadAsync(key, cancellationToken, earlier.Value[number - 1].Version.Id).ConfigureAwait(false);
        return head.IsOk ? With(ObjectFacts.OfFile(head.Value, component: null), new EarlierPlace(key, "")) : head.Errno;
    }

    /// <summary>A name too long to be shown: it is looked for among those that begin alike.</summary>
    private async ValueTask<Result<PathFacts>> FindLongEarlierAsync(EarlierPlace place, ReadOnlyMemory<byte> name, string beginning, CancellationToken cancellationToken)
    {
        string? continuation = null;
        for (int pages = 0; pages < MaxSearchedPages; pages++)
        {
            Result<ListedPage> page = await _bucket.ListEarlierAsync(place.Prefix + beginning, continuation, cancellationToken).ConfigureAwait(false);
            if (!page.IsOk)
            {
                return page.Errno;
            }
            foreach (string component in GetComponents(page.Value, place.Prefix))
            {
                if (KeyName.Encode(component).AsSpan().SequenceEqual(name.Span))
                {
                    return DescribeEarlierKey(place.Prefix + component);
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

    /// <summary>The components that come behind a prefix. Servers are not believed to list only what they were asked for.</summary>
    private static IEnumerable<string> GetComponents(ListedPage page, string prefix)
        => page.Prefixes.Where(found => found.Length > prefix.Length && found[^1] == '/').Select(found => found[..^1])
            // What is empty behind the prefix is the directory's own marker.
            .Concat(page.Objects.Select(found => found.Key).Where(key => key.Length > prefix.Length))
            .Where(key => key.StartsWith(prefix, StringComparison.Ordinal) && key.IndexOf('/', prefix.Length) < 0)
            .Select(key => key[prefix.Length..]);
}
