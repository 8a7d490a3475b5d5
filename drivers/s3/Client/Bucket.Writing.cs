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
                Encrypt(request);
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
            Encrypt(request);
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
                Encrypt(request);
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
}
