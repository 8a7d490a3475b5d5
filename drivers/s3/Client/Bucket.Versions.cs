using Amazon.S3;
using Amazon.S3.Model;
using Kaleidofs.Drivers.S3.Keys;

namespace Kaleidofs.Drivers.S3.Client;

/// <summary>What keys had before what they have now, in a bucket that keeps versions.</summary>
internal sealed partial class Bucket
{
    /// <summary>A page of the keys that begin with a prefix and had another version before, each once or more, and of what others have in common.</summary>
    /// <param name="prefix">The prefix.</param>
    /// <param name="continuation">Of the page before.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    public Task<Result<ListedPage>> ListEarlierAsync(string prefix, string? continuation, CancellationToken cancellationToken) => TryAsync("list versions", prefix, async token =>
    {
        string[] parts = continuation?.Split(Separator) ?? [];
        ListVersionsResponse response = await ListVersionsAsync(prefix, "/", parts.ElementAtOrDefault(0), parts.ElementAtOrDefault(1), count: 0, token).ConfigureAwait(false);
        List<ListedObject> objects = [.. (response.Versions ?? []).Where(IsEarlier).Select(found => Describe(found, KeyText.Decode(found.Key)))];
        bool isMore = response.IsTruncated == true && response.NextKeyMarker is not null;
        return new ListedPage(
            objects,
            [.. (response.CommonPrefixes ?? []).Select(KeyText.Decode)],
            isMore ? string.Join(Separator, KeyText.Decode(response.NextKeyMarker!), response.NextVersionIdMarker) : null);
    }, cancellationToken);

    /// <summary>Whether a key begins with a prefix, or did.</summary>
    public Task<Result<bool>> HasHadKeysAsync(string prefix, CancellationToken cancellationToken) => TryAsync("list versions", prefix, async token =>
    {
        ListVersionsResponse response = await ListVersionsAsync(prefix, delimiter: null, key: null, version: null, count: 1, token).ConfigureAwait(false);
        return response.Versions is { Count: > 0 };
    }, cancellationToken);

    /// <summary>What a key had before, the oldest first.</summary>
    public Task<Result<List<ListedObject>>> FindEarlierAsync(string key, CancellationToken cancellationToken) => TryAsync("list versions", key, async token =>
    {
        List<ListedObject> earlier = [];
        string? version = null;
        bool isMore = true;
        for (string? marker = null; isMore;)
        {
            ListVersionsResponse response = await ListVersionsAsync(key, delimiter: null, marker, version, count: 0, token).ConfigureAwait(false);
            earlier.AddRange((response.Versions ?? []).Where(found => IsEarlier(found) && KeyText.Decode(found.Key) == key).Select(found => Describe(found, key)));
            // Other keys that begin with it follow.
            isMore = response.IsTruncated == true && KeyText.Decode(response.NextKeyMarker ?? "") == key;
            (marker, version) = (key, response.NextVersionIdMarker);
        }
        earlier.Reverse();
        return earlier;
    }, cancellationToken);

    private Task<ListVersionsResponse> ListVersionsAsync(string prefix, string? delimiter, string? key, string? version, int count, CancellationToken cancellationToken)
    {
        ListVersionsRequest request = new()
        {
            BucketName = _name,
            Prefix = prefix,
            Delimiter = delimiter,
            KeyMarker = key,
            VersionIdMarker = string.IsNullOrEmpty(version) ? null : version,
            Encoding = EncodingType.Url,
            RequestPayer = Payer,
        };
        if (count > 0)
        {
            request.MaxKeys = count;
        }
        return client.ListVersionsAsync(request, cancellationToken);
    }

    /// <summary>Neither what the key has now nor a note that it was removed.</summary>
    private static bool IsEarlier(S3ObjectVersion version) => version is { IsLatest: not true, IsDeleteMarker: not true };

    private static ListedObject Describe(S3ObjectVersion version, string key)
        => new(key, version.Size ?? 0, GetVersion(version.ETag, version.LastModified) with { Id = version.VersionId });
}
