using Kaleidofs.Drivers.S3.Client;
using Kaleidofs.Paths;

namespace Kaleidofs.Drivers.S3.Keys;

/// <summary>
/// Makes a directory's entries of the pages of its listing. "a" stands before "a/", and a page or a thousand may lie between them: what
/// depends on both waits until the listing is past them.
/// </summary>
/// <param name="prefix">What all keys in the directory begin with.</param>
/// <param name="opened">The time of a directory of which nothing is known.</param>
/// <param name="listing">Takes the entries.</param>
/// <param name="ranges">How far the parts of the listing are.</param>
/// <param name="hidden">A component that something else stands for.</param>
internal sealed class DirectoryPages(string prefix, long opened, PathListing listing, IReadOnlyList<KeyRange> ranges, string? hidden)
{
    private readonly Dictionary<string, Pending> _pending = new(StringComparer.Ordinal);

    /// <summary>Takes a page.</summary>
    public void Add(ListedPage page)
    {
        foreach (string found in page.Prefixes)
        {
            if (!found.EndsWith('/') || !IsIn(found.AsSpan(0, found.Length - 1)))
            {
                continue;
            }
            string component = found[prefix.Length..^1];
            if (component == hidden)
            {
                continue;
            }
            Get(component).IsDirectory = true;
            if (ObjectFacts.TryGetLinkName(component, out string name))
            {
                Get(name).IsLinkDirectory = true;
            }
            listing.Add(KeyName.Encode(component), ObjectFacts.OfDirectory(marker: null, opened, GetOddComponent(component)));
        }
        foreach (ListedObject found in page.Objects)
        {
            if (!IsIn(found.Key))
            {
                continue;
            }
            string component = found.Key[prefix.Length..];
            if (component.Length == 0 && (found.Size == 0 || prefix.Length == 0))
            {
                // The directory's own marker.
                continue;
            }
            if (ObjectFacts.TryGetLinkName(component, out string name) && ObjectFacts.CanBeLink(found.Size))
            {
                Get(name).Link = found;
            }
            else
            {
                Get(component).File = found;
            }
        }
        Settle(isEnd: false);
        listing.Publish();
    }

    /// <summary>There are no more pages.</summary>
    public void End() => Settle(isEnd: true);

    /// <summary>What the driver must remember of a component that its name does not tell.</summary>
    public static string? GetOddComponent(string component)
        => KeyName.TryDecode(KeyName.Encode(component), out DecodedName decoded) && decoded.Digest is null ? null : component;

    /// <summary>Servers are not believed to list only what they were asked for.</summary>
    private bool IsIn(ReadOnlySpan<char> key)
        => key.Length >= prefix.Length && key.StartsWith(prefix, StringComparison.Ordinal) && !key[prefix.Length..].Contains('/');

    private Pending Get(string component)
    {
        if (!_pending.TryGetValue(component, out Pending? pending))
        {
            pending = new Pending();
            _pending.Add(component, pending);
        }
        return pending;
    }

    /// <summary>Lists what is decided, as no range can have more keys from the name itself to the name with a slash.</summary>
    private void Settle(bool isEnd)
    {
        foreach ((string component, Pending pending) in _pending.ToArray())
        {
            string key = prefix + component;
            if (!isEnd && ranges.Any(range => range.MayHave(key, key + "/")))
            {
                continue;
            }
            _pending.Remove(component);
            if (component == hidden)
            {
                continue;
            }
            if (pending.File is { } file)
            {
                List(component, in file, isMarked: pending.IsDirectory);
            }
            if (pending.Link is not { } link)
            {
                continue;
            }
            if (pending is { File: null, IsDirectory: false, IsLinkDirectory: false })
            {
                listing.Add(KeyName.Encode(component), ObjectFacts.OfLink(link.Size, link.Version, GetOddComponent(component)));
            }
            else
            {
                List(component + ObjectFacts.LinkSuffix, in link, isMarked: pending.IsLinkDirectory);
            }
        }
    }

    private void List(string component, in ListedObject found, bool isMarked)
        => listing.Add(KeyName.Encode(component, isMarked), ObjectFacts.OfFile(in found, GetOddComponent(component)));

    /// <summary>What there is for a name, as far as it has been listed.</summary>
    private sealed class Pending
    {
        public ListedObject? File { get; set; }

        /// <summary>The object that has the name with a link's suffix.</summary>
        public ListedObject? Link { get; set; }

        public bool IsDirectory { get; set; }

        /// <summary>A directory has the name with a link's suffix.</summary>
        public bool IsLinkDirectory { get; set; }
    }
}
