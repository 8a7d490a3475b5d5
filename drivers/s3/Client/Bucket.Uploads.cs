using Amazon.S3.Model;

namespace Kaleidofs.Drivers.S3.Client;

/// <summary>Objects that are sent in parts.</summary>
internal sealed partial class Bucket
{
    /// <summary>Begins an upload in parts.</summary>
    /// <returns>Its number.</returns>
    public Task<Result<string>> BeginUploadAsync(string key, IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken) => TryAsync("begin upload", key, async token =>
    {
        InitiateMultipartUploadRequest request = new() { BucketName = _name, Key = key, RequestPayer = Payer };
        Encrypt(request);
        Add(request.Metadata, metadata);
        return (await client.InitiateMultipartUploadAsync(request, token).ConfigureAwait(false)).UploadId;
    }, cancellationToken);

    /// <summary>Sends a part.</summary>
    /// <returns>Its entity tag.</returns>
    public Task<Result<string>> PutPartAsync(string key, string upload, int number, Func<Stream> content, CancellationToken cancellationToken) => TryAsync("upload part", key, async token =>
    {
        Stream stream = content();
        await using (stream.ConfigureAwait(false))
        {
            UploadPartRequest request = new() { BucketName = _name, Key = key, UploadId = upload, PartNumber = number, InputStream = stream, PartSize = stream.Length, UseChunkEncoding = options.IsChunked, RequestPayer = Payer };
            Encrypt(request);
            return (await client.UploadPartAsync(request, token).ConfigureAwait(false)).ETag;
        }
    }, cancellationToken);

    /// <summary>Makes an object of the parts, if what is at its key is still what it was thought to be.</summary>
    /// <returns>The new entity tag; ENOENT if the upload is no more, and its object is not there.</returns>
    public async Task<Result<string>> CompleteUploadAsync(
        string key, string upload, IReadOnlyList<string> parts, IReadOnlyDictionary<string, string> metadata, Precondition? condition, CancellationToken cancellationToken)
    {
        // Servers that honour a condition on PUT need not honour it here; so it is asked for right before, too.
        if (condition is { } expected && await CheckAsync(key, expected, cancellationToken).ConfigureAwait(false) is var errno and not Errno.None)
        {
            return errno;
        }
        ServerTraits traits = condition is null ? ServerTraits.Standard : await GetTraitsAsync().ConfigureAwait(false);
        Result<string> completed = await TryAsync("complete upload", key, async token =>
        {
            CompleteMultipartUploadRequest request = new()
            {
                BucketName = _name,
                Key = key,
                UploadId = upload,
                PartETags = [.. parts.Select((tag, index) => new PartETag(index + 1, tag))],
                RequestPayer = Payer,
            };
            if (condition is { ETag: null } && traits.HonoursIfNoneMatch)
            {
                request.IfNoneMatch = "*";
            }
            else if (condition is { ETag: { } etag } && traits.HonoursIfMatch)
            {
                request.IfMatch = traits.QuotesIfMatch ? $"\"{etag}\"" : etag;
            }
            return EntityTag.Unquote((await client.CompleteMultipartUploadAsync(request, token).ConfigureAwait(false)).ETag);
        }, cancellationToken, Patience).ConfigureAwait(false);
        if (completed.IsOk ? completed.Value.Length > 0 : completed.Errno is not (Errno.ESTALE or Errno.ENOENT))
        {
            return completed;
        }
        // No tag was told; or the answer was lost, and sent again the request found no such upload any more.
        string digest = EntityTag.OfParts(parts);
        return await IsOursAsync(key, digest, metadata, cancellationToken).ConfigureAwait(false) ? digest
            : completed.IsOk ? Errno.EIO
            : completed;
    }

    /// <summary>The uploads of a key that began within a time.</summary>
    public Task<Result<IReadOnlyList<string>>> FindUploadsAsync(string key, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken) => TryAsync("list uploads", key, async token =>
    {
        ListMultipartUploadsResponse response = await client.ListMultipartUploadsAsync(
            new ListMultipartUploadsRequest { BucketName = _name, Prefix = key, RequestPayer = Payer }, token).ConfigureAwait(false);
        IReadOnlyList<string> found = [.. (response.MultipartUploads ?? [])
            .Where(upload => upload.Key == key && upload.Initiated is { } begun && begun.ToUniversalTime() >= from.UtcDateTime && begun.ToUniversalTime() <= to.UtcDateTime)
            .Select(upload => upload.UploadId)];
        return found;
    }, cancellationToken);

    /// <summary>Whether an upload has parts already.</summary>
    public Task<Result<bool>> HasPartsAsync(string key, string upload, CancellationToken cancellationToken) => TryAsync("list parts", key, async token =>
    {
        ListPartsResponse response = await client.ListPartsAsync(
            new ListPartsRequest { BucketName = _name, Key = key, UploadId = upload, MaxParts = 1, RequestPayer = Payer }, token).ConfigureAwait(false);
        return response.Parts is { Count: > 0 };
    }, cancellationToken);

    /// <summary>Gives an upload up, with what was sent of it; ENOENT if there is none.</summary>
    public async Task<Errno> AbortUploadAsync(string key, string upload, CancellationToken cancellationToken)
    {
        Result<bool> aborted = await TryAsync("abort upload", key, async token =>
        {
            await client.AbortMultipartUploadAsync(new AbortMultipartUploadRequest { BucketName = _name, Key = key, UploadId = upload, RequestPayer = Payer }, token).ConfigureAwait(false);
            return true;
        }, cancellationToken).ConfigureAwait(false);
        return aborted.Errno;
    }
}
