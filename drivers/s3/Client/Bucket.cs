using System.Net;
using Amazon.S3;
using Amazon.S3.Model;
using Kaleidofs.Drivers.S3.Keys;

namespace Kaleidofs.Drivers.S3.Client;

/// <summary>
/// The requests that one bucket is sent, with the SDK's exceptions made into errnos. All go through one client, so that a server that asks
/// for less is sent less by all of them. Each ends by its deadline.
/// </summary>
internal sealed partial class Bucket(IAmazonS3 client, S3Address address, S3Options options, DriverLog log) : IDisposable
{
    private const string MetadataPrefix = "x-amz-meta-";

    private readonly string _name = address.Bucket;
    private readonly string _probePrefix = address.Prefix;

    private long _failures;

    /// <summary>Its name.</summary>
    public string Name => _name;

    /// <summary>How long one request, or what comes of one, is waited for.</summary>
    public TimeSpan Timeout => options.Timeout;

    private RequestPayer? Payer => options.RequesterPays ? RequestPayer.Requester : null;

    /// <summary>Asks for one key, so that whatever is wrong comes out; fails as the SDK does.</summary>
    public async Task CheckAsync(string prefix, CancellationToken cancellationToken)
    {
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(options.Timeout);
        await ListPageAsync(prefix, isFlat: true, continuation: null, after: null, count: 1, deadline.Token).ConfigureAwait(false);
    }

    /// <summary>A page of the keys that begin with a prefix.</summary>
    /// <param name="prefix">The prefix.</param>
    /// <param name="isFlat">Whether keys with further slashes are listed, rather than what they have in common.</param>
    /// <param name="continuation">Of the page before.</param>
    /// <param name="after">The key that the first page begins behind; null for the beginning.</param>
    /// <param name="count">The most that are wanted; 0 for as many as the server gives.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    public Task<Result<ListedPage>> ListAsync(string prefix, bool isFlat, string? continuation, string? after, int count, CancellationToken cancellationToken)
        => TryAsync("list", prefix, token => ListPageAsync(prefix, isFlat, continuation, after, count, token), cancellationToken);

    private async Task<ListedPage> ListPageAsync(string prefix, bool isFlat, string? continuation, string? after, int count, CancellationToken cancellationToken)
    {
        if (options.At is { } time)
        {
            return await ListPastPageAsync(prefix, isFlat, time, continuation ?? after, count, cancellationToken).ConfigureAwait(false);
        }
        ListObjectsV2Request request = new()
        {
            BucketName = _name,
            Prefix = prefix,
            Delimiter = isFlat ? null : "/",
            ContinuationToken = continuation,
            StartAfter = after,
            Encoding = EncodingType.Url,
            RequestPayer = Payer,
        };
        if (count > 0)
        {
            request.MaxKeys = count;
        }
        ListObjectsV2Response response = await client.ListObjectsV2Async(request, cancellationToken).ConfigureAwait(false);
        List<ListedObject> objects = new(response.S3Objects?.Count ?? 0);
        foreach (S3Object found in response.S3Objects ?? [])
        {
            objects.Add(new ListedObject(KeyText.Decode(found.Key), found.Size ?? 0, GetVersion(found.ETag, found.LastModified)));
        }
        List<string> prefixes = [.. (response.CommonPrefixes ?? []).Select(KeyText.Decode)];
        return new ListedPage(objects, prefixes, response.IsTruncated == true ? response.NextContinuationToken : null);
    }

    /// <summary>An object's size, version and metadata.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <param name="version">The number of an earlier version; null for the one that is shown.</param>
    public Task<Result<ObjectHead>> HeadAsync(string key, CancellationToken cancellationToken, string? version = null) => TryAsync("head", key, async token =>
    {
        string? id = version ?? (options.At is { } time ? await FindPastAsync(key, time, token).ConfigureAwait(false) : null);
        GetObjectMetadataRequest request = new() { BucketName = _name, Key = key, VersionId = id, RequestPayer = Payer };
        Decrypt(request);
        GetObjectMetadataResponse response = await client.GetObjectMetadataAsync(request, token).ConfigureAwait(false);
        Dictionary<string, string> metadata = new(StringComparer.OrdinalIgnoreCase);
        foreach (string header in response.Metadata.Keys)
        {
            metadata[header.StartsWith(MetadataPrefix, StringComparison.OrdinalIgnoreCase) ? header[MetadataPrefix.Length..] : header] = response.Metadata[header];
        }
        return new ObjectHead(response.ContentLength, GetVersion(response.ETag, response.LastModified) with { Id = id }, metadata, response.Headers.ContentType);
    }, cancellationToken);

    /// <summary>
    /// Begins to read a range of the bytes that an object had, and of no others: ESTALE if it has been replaced, ENOENT if it is gone.
    /// The caller reads and disposes the answer.
    /// </summary>
    public Task<Result<GetObjectResponse>> GetAsync(string key, ObjectVersion version, long offset, long length, CancellationToken cancellationToken) => TryAsync("get", key, async token =>
    {
        GetObjectRequest request = new()
        {
            BucketName = _name,
            Key = key,
            ByteRange = new ByteRange(offset, offset + length - 1),
            VersionId = version.Id,
            EtagToMatch = $"\"{version.ETag}\"",
            RequestPayer = Payer,
        };
        Decrypt(request);
        GetObjectResponse response = await client.GetObjectAsync(request, token).ConfigureAwait(false);
        if (EntityTag.Unquote(response.ETag) != version.ETag)
        {
            // A server that does not know If-Match.
            response.Dispose();
            throw new AmazonS3Exception("replaced") { StatusCode = HttpStatusCode.PreconditionFailed };
        }
        if (response.ContentLength != length)
        {
            response.Dispose();
            throw new IOException($"{response.ContentLength} bytes were sent, not {length}");
        }
        return response;
    }, cancellationToken);

    public void Dispose() => client.Dispose();

    private static ObjectVersion GetVersion(string? etag, DateTime? modified)
        => new(EntityTag.Unquote(etag), modified is { } time ? new DateTimeOffset(DateTime.SpecifyKind(time.ToUniversalTime(), DateTimeKind.Utc)).ToUnixTimeSeconds() : 0);

    private async Task<Result<T>> TryAsync<T>(string what, string key, Func<CancellationToken, Task<T>> send, CancellationToken cancellationToken, int patience = 1)
    {
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(options.Timeout * patience);
        try
        {
            return await send(deadline.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (S3Failure.GetErrno(exception) is { } errno)
        {
            if (errno == Errno.EIO && !cancellationToken.IsCancellationRequested)
            {
                Report(what, key, exception);
            }
            return errno;
        }
    }

    /// <summary>Says that requests fail, and not once for each while a server is away.</summary>
    private void Report(string what, string key, Exception exception)
    {
        long count = Interlocked.Increment(ref _failures);
        if ((count & (count - 1)) == 0)
        {
            string text = GuestText(key);
            log.Warning($"s3://{_name}: {what} {text} failed: {S3Failure.Explain(exception, options)}{(count > 1 ? $" (failure {count})" : "")}");
        }
    }

    /// <summary>A key in a line of the log.</summary>
    private static string GuestText(string key)
    {
        string shown = key.Length > 100 ? key[..100] + "..." : key;
        return $"'{string.Concat(shown.Select(character => char.IsControl(character) ? '?' : character))}'";
    }
}
