using System.Net;
using Amazon.S3;
using Amazon.S3.Model;

namespace Kaleidofs.Drivers.S3.Client;

internal sealed partial class Bucket
{
    /// <summary>The most that one copy takes; more goes by parts.</summary>
    private const long MaxCopy = 5L << 30;

    private const long CopyPart = 1L << 30;

    /// <summary>What the server does inside itself may take so many times the timeout.</summary>
    private const int Patience = 10;

    private readonly Lock _probing = new();
    private Task<ServerTraits>? _traits;

    /// <summary>Puts an object, if what is at its key is still what it was thought to be: ESTALE if it is not.</summary>
    /// <returns>The new entity tag.</returns>
    public async Task<Result<string>> PutAsync(string key, Func<Stream> content, IReadOnlyDictionary<string, string> metadata, Precondition? condition, CancellationToken cancellationToken)
    {
        ServerTraits? traits = condition is null ? null : await GetTraitsAsync().ConfigureAwait(false);
        if (condition is { } expected && !(expected.ETag is null ? traits!.HonoursIfNoneMatch : traits!.HonoursIfMatch)
            && await CheckAsync(key, expected, cancellationToken).ConfigureAwait(false) is var errno and not Errno.None)
        {
            return errno;
        }
        Result<string> put = await TryAsync("put", key, async token =>
        {
            Stream stream = content();
            await using (stream.ConfigureAwait(false))
            {
                PutObjectRequest request = new() { BucketName = _name, Key = key, InputStream = stream, AutoCloseStream = false, UseChunkEncoding = options.IsChunked, RequestPayer = Payer };
                request.ServerSideEncryptionMethod = Encryption;
                request.ServerSideEncryptionKeyManagementServiceKeyId = options.EncryptionKey;
                Add(request.Metadata, metadata);
                if (condition is { ETag: null } && traits!.HonoursIfNoneMatch)
                {
                    request.IfNoneMatch = "*";
                }
                else if (condition is { ETag: { } etag } && traits!.HonoursIfMatch)
                {
                    request.IfMatch = traits.QuotesIfMatch ? $"\"{etag}\"" : etag;
                }
                return EntityTag.Unquote((await client.PutObjectAsync(request, token).ConfigureAwait(false)).ETag);
            }
        }, cancellationToken).ConfigureAwait(false);
        // An answer may have been lost, and the PUT sent again met its own object.
        if (put.Errno != Errno.ESTALE)
        {
            return put;
        }
        Stream sent = content();
        await using (sent.ConfigureAwait(false))
        {
            string digest = await EntityTag.OfAsync(sent, cancellationToken).ConfigureAwait(false);
            return await IsOursAsync(key, digest, metadata, cancellationToken).ConfigureAwait(false) ? digest : put;
        }
    }

    /// <summary>Removes an object; that there is none is a success.</summary>
    public async Task<Errno> DeleteAsync(string key, CancellationToken cancellationToken)
    {
        Result<bool> deleted = await TryAsync("delete", key, async token =>
        {
            await client.DeleteObjectAsync(new DeleteObjectRequest { BucketName = _name, Key = key, RequestPayer = Payer }, token).ConfigureAwait(false);
            return true;
        }, cancellationToken).ConfigureAwait(false);
        return deleted.Errno == Errno.ENOENT ? Errno.None : deleted.Errno;
    }

    /// <summary>Copies an object within the server.</summary>
    /// <param name="from">Its key.</param>
    /// <param name="to">Where to; the same key to change the metadata alone.</param>
    /// <param name="change">Makes the copy's metadata from the object's.</param>
    /// <param name="multipart">Makes copies of more than <see cref="MaxCopy"/>.</param>
    /// <param name="condition">What must be at the other key; ESTALE if that is not so. Null for whatever is there.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <param name="version">The version that is meant; ESTALE if it is another. Null for any.</param>
    /// <returns>The copy's version.</returns>
    public async Task<Result<ObjectHead>> CopyAsync(
        string from, string to, Func<ObjectHead, IReadOnlyDictionary<string, string>> change, Func<string, IReadOnlyDictionary<string, string>, MultipartUpload> multipart, Precondition? condition, CancellationToken cancellationToken, string? version = null)
    {
        Result<ObjectHead> head = await HeadAsync(from, cancellationToken).ConfigureAwait(false);
        if (!head.IsOk)
        {
            return head.Errno;
        }
        ObjectHead source = head.Value;
        if (version is not null && source.Version.ETag != version)
        {
            return Errno.ESTALE;
        }
        ServerTraits? traits = condition is null ? null : await GetTraitsAsync().ConfigureAwait(false);
        if (condition is { } expected && (!traits!.HonoursOnCopy || source.Size > MaxCopy) && await CheckAsync(to, expected, cancellationToken).ConfigureAwait(false) is var errno and not Errno.None)
        {
            return errno;
        }
        IReadOnlyDictionary<string, string> metadata = change(source);
        if (source.Size > MaxCopy)
        {
            return await CopyByPartsAsync(from, source, multipart(to, metadata), metadata, cancellationToken).ConfigureAwait(false);
        }
        Result<ObjectVersion> copied = await TryAsync("copy", from, async token =>
        {
            CopyObjectRequest request = new()
            {
                SourceBucket = _name,
                SourceKey = from,
                DestinationBucket = _name,
                DestinationKey = to,
                ETagToMatch = $"\"{source.Version.ETag}\"",
                MetadataDirective = S3MetadataDirective.REPLACE,
                RequestPayer = Payer,
            };
            request.ContentType = source.ContentType;
            request.ServerSideEncryptionMethod = Encryption;
            request.ServerSideEncryptionKeyManagementServiceKeyId = options.EncryptionKey;
            if (traits is { HonoursOnCopy: true })
            {
                request.IfNoneMatch = condition!.Value.ETag is null ? "*" : null;
                request.IfMatch = condition.Value.ETag is { } tag ? $"\"{tag}\"" : null;
            }
            Add(request.Metadata, metadata);
            CopyObjectResponse response = await client.CopyObjectAsync(request, token).ConfigureAwait(false);
            return new ObjectVersion(EntityTag.Unquote(response.ETag), ObjectVersion.NotTold);
        }, cancellationToken, Patience).ConfigureAwait(false);
        return copied.IsOk ? source with { Version = copied.Value, Metadata = metadata } : copied.Errno;
    }

    /// <summary>Begins an upload in parts.</summary>
    /// <returns>Its number.</returns>
    public Task<Result<string>> BeginUploadAsync(string key, IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken) => TryAsync("begin upload", key, async token =>
    {
        InitiateMultipartUploadRequest request = new() { BucketName = _name, Key = key, RequestPayer = Payer };
        request.ServerSideEncryptionMethod = Encryption;
        request.ServerSideEncryptionKeyManagementServiceKeyId = options.EncryptionKey;
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

    private async Task<Result<ObjectHead>> CopyByPartsAsync(
        string from, ObjectHead source, MultipartUpload upload, IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken)
    {
        for (long offset = 0; offset < source.Size; offset += CopyPart)
        {
            long first = offset;
            long last = Math.Min(offset + CopyPart, source.Size) - 1;
            await upload.AddAsync((id, number) => TryAsync("copy part", from, async token =>
            {
                CopyPartRequest request = new()
                {
                    SourceBucket = _name,
                    SourceKey = from,
                    ETagToMatch = [$"\"{source.Version.ETag}\""],
                    FirstByte = first,
                    LastByte = last,
                    DestinationBucket = _name,
                    DestinationKey = upload.Key,
                    UploadId = id,
                    PartNumber = number,
                    RequestPayer = Payer,
                };
                return (await client.CopyPartAsync(request, token).ConfigureAwait(false)).ETag;
            }, cancellationToken, Patience)).ConfigureAwait(false);
        }
        Result<string> completed = await upload.CompleteAsync(condition: null).ConfigureAwait(false);
        return completed.IsOk ? source with { Version = new ObjectVersion(completed.Value, ObjectVersion.NotTold), Metadata = metadata } : completed.Errno;
    }

    private async Task<Errno> CheckAsync(string key, Precondition condition, CancellationToken cancellationToken)
    {
        Result<ObjectHead> head = await HeadAsync(key, cancellationToken).ConfigureAwait(false);
        return head.Errno == Errno.ENOENT ? condition.ETag is null ? Errno.None : Errno.ESTALE
            : !head.IsOk ? head.Errno
            : head.Value.Version.ETag == condition.ETag ? Errno.None : Errno.ESTALE;
    }

    /// <summary>Whether at a key is what was sent there.</summary>
    private async Task<bool> IsOursAsync(string key, string etag, IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken)
    {
        Result<ObjectHead> head = await HeadAsync(key, cancellationToken).ConfigureAwait(false);
        return head.IsOk && head.Value.Version.ETag == etag && metadata.All(pair => head.Value.Metadata.GetValueOrDefault(pair.Key) == pair.Value);
    }

    private static void Add(MetadataCollection collection, IReadOnlyDictionary<string, string> metadata)
    {
        foreach ((string header, string value) in metadata)
        {
            collection[header] = value;
        }
    }

    /// <summary>What the server does with conditions: tried out before the first that is sent.</summary>
    private Task<ServerTraits> GetTraitsAsync()
    {
        lock (_probing)
        {
            return _traits ??= options.Endpoint is null ? Task.FromResult(ServerTraits.Standard) : Task.Run(ProbeAsync);
        }
    }

    private async Task<ServerTraits> ProbeAsync()
    {
        const string Wrong = "00000000000000000000000000000000";
        string key = $"{_probePrefix}.kaleidofs-probe-{Guid.NewGuid():N}";
        using CancellationTokenSource deadline = new(options.Timeout);
        try
        {
            string etag = EntityTag.Unquote(await ProbeAsync("1", null, null).ConfigureAwait(false) ?? throw new AmazonS3Exception("a PUT without condition was refused"));
            bool honoursIfNoneMatch = await ProbeAsync("2", "*", null).ConfigureAwait(false) is null;
            string now = honoursIfNoneMatch ? etag : (await HeadAsync(key, deadline.Token).ConfigureAwait(false)).Value.Version.ETag;
            bool honoursIfMatch = await ProbeAsync("3", null, $"\"{Wrong}\"").ConfigureAwait(false) is null && await ProbeAsync("3", null, Wrong).ConfigureAwait(false) is null;
            bool takesQuoted = honoursIfMatch && await ProbeAsync("4", null, $"\"{now}\"").ConfigureAwait(false) is not null;
            bool takesPlain = honoursIfMatch && !takesQuoted && await ProbeAsync("4", null, now).ConfigureAwait(false) is not null;
            bool honoursOnCopy = honoursIfNoneMatch && takesQuoted && await RefusesCopyAsync().ConfigureAwait(false);
            ServerTraits traits = new(honoursIfNoneMatch, takesQuoted || takesPlain, takesQuoted, honoursOnCopy);
            if (!traits.HonoursIfMatch || !traits.HonoursIfNoneMatch)
            {
                log.Warning($"s3://{_name}: the server does not check conditions on PUT ({(traits.HonoursIfMatch ? "If-None-Match" : traits.HonoursIfNoneMatch ? "If-Match" : "If-Match, If-None-Match")}): "
                    + "what others write between a look and the PUT right after it is overwritten");
            }
            return traits;
        }
        catch (Exception exception) when (S3Failure.GetErrno(exception) is not null)
        {
            log.Warning($"s3://{_name}: cannot find out whether the server checks conditions on PUT; it is taken to do so ({S3Failure.Explain(exception, options)})");
            return ServerTraits.Standard;
        }
        finally
        {
            await DeleteAsync(key, CancellationToken.None).ConfigureAwait(false);
        }

        async Task<bool> RefusesCopyAsync()
        {
            try
            {
                CopyObjectRequest request = new()
                {
                    SourceBucket = _name,
                    SourceKey = key,
                    DestinationBucket = _name,
                    DestinationKey = key,
                    MetadataDirective = S3MetadataDirective.REPLACE,
                    IfNoneMatch = "*",
                    RequestPayer = Payer,
                };
                await client.CopyObjectAsync(request, deadline.Token).ConfigureAwait(false);
                return false;
            }
            catch (AmazonS3Exception exception) when (exception.StatusCode == HttpStatusCode.PreconditionFailed)
            {
                return true;
            }
        }

        async Task<string?> ProbeAsync(string content, string? ifNoneMatch, string? ifMatch)
        {
            try
            {
                PutObjectRequest request = new() { BucketName = _name, Key = key, ContentBody = content, IfNoneMatch = ifNoneMatch, IfMatch = ifMatch, RequestPayer = Payer };
                return (await client.PutObjectAsync(request, deadline.Token).ConfigureAwait(false)).ETag;
            }
            catch (AmazonS3Exception exception) when (exception.StatusCode == HttpStatusCode.PreconditionFailed)
            {
                return null;
            }
        }
    }
}
