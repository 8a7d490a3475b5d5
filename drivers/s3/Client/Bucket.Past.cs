using System.Net;
using Amazon.S3;
using Amazon.S3.Model;
using Kaleidofs.Drivers.S3.Keys;

namespace Kaleidofs.Drivers.S3.Client;

/// <summary>The bucket as it was at a time: of each key the newest version that is not younger.</summary>
internal sealed partial class Bucket
{
    /// <summary>Separates the parts of a continuation: no key has it, as it is no character.</summary>
    private const char Separator = '\uFFFF';

    /// <summary>A page, which may have nothing in it though others follow; but if one key is asked for it is looked for until there is none.</summary>
    private async Task<ListedPage> ListPastPageAsync(string prefix, bool isFlat, DateTimeOffset time, string? continuation, int count, CancellationToken cancellationToken)
    {
        List<ListedObject> objects = [];
        HashSet<string> prefixes = new(StringComparer.Ordinal);
        string[] parts = continuation?.Split(Separator) ?? [];
        (string? key, string? version, string decided) = (parts.ElementAtOrDefault(0), parts.ElementAtOrDefault(1), parts.ElementAtOrDefault(2) ?? "");
        do
        {
            ListVersionsResponse response = await client.ListVersionsAsync(new ListVersionsRequest
            {
                BucketName = _name,
                Prefix = prefix,
                Delimiter = isFlat ? null : "/",
                KeyMarker = key,
                VersionIdMarker = string.IsNullOrEmpty(version) ? null : version,
                Encoding = EncodingType.Url,
                RequestPayer = Payer,
            }, cancellationToken).ConfigureAwait(false);
            // A key's versions come together, the newest first, if need be over several pages.
            foreach (S3ObjectVersion found in response.Versions ?? [])
            {
                string name = KeyText.Decode(found.Key);
                if (name == decided || !IsFrom(found, time))
                {
                    continue;
                }
                decided = name;
                if (found.IsDeleteMarker != true)
                {
                    objects.Add(new ListedObject(name, found.Size ?? 0, GetVersion(found.ETag, found.LastModified) with { Id = found.VersionId }));
                }
            }
            prefixes.UnionWith((response.CommonPrefixes ?? []).Select(KeyText.Decode));
            bool isMore = response.IsTruncated == true && response.NextKeyMarker is not null;
            key = isMore ? KeyText.Decode(response.NextKeyMarker!) : null;
            version = response.NextVersionIdMarker;
        }
        while (key is not null && count > 0 && objects.Count == 0 && prefixes.Count == 0);
        return new ListedPage(objects, [.. prefixes], key is null ? null : string.Join(Separator, key, version, decided));
    }

    /// <summary>The number of a key's version at a time.</summary>
    /// <exception cref="AmazonS3Exception">There was none.</exception>
    private async Task<string> FindPastAsync(string key, DateTimeOffset time, CancellationToken cancellationToken)
    {
        string? version = null;
        bool isMore = true;
        for (string? marker = null; isMore;)
        {
            ListVersionsResponse response = await client.ListVersionsAsync(
                new ListVersionsRequest { BucketName = _name, Prefix = key, KeyMarker = marker, VersionIdMarker = version, Encoding = EncodingType.Url, RequestPayer = Payer }, cancellationToken).ConfigureAwait(false);
            foreach (S3ObjectVersion found in response.Versions ?? [])
            {
                if (KeyText.Decode(found.Key) == key && IsFrom(found, time))
                {
                    return found.IsDeleteMarker == true ? throw NotThere() : found.VersionId;
                }
            }
            // Other keys that begin with it follow.
            isMore = response.IsTruncated == true && KeyText.Decode(response.NextKeyMarker ?? "") == key;
            (marker, version) = (key, response.NextVersionIdMarker);
        }
        throw NotThere();
    }

    private static bool IsFrom(S3ObjectVersion version, DateTimeOffset time) => version.LastModified is { } modified && modified.ToUniversalTime() <= time.UtcDateTime;

    private static AmazonS3Exception NotThere() => new("not there at that time") { StatusCode = HttpStatusCode.NotFound };
}
