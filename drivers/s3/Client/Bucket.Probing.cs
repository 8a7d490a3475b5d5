using System.Net;
using Amazon.S3;
using Amazon.S3.Model;

namespace Kaleidofs.Drivers.S3.Client;

/// <summary>What is tried out, as servers differ.</summary>
internal sealed partial class Bucket
{
    private readonly Lock _probing = new();
    private Task<ServerTraits>? _traits;

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
                Encrypt(request);
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
                Encrypt(request);
                return (await client.PutObjectAsync(request, deadline.Token).ConfigureAwait(false)).ETag;
            }
            catch (AmazonS3Exception exception) when (exception.StatusCode == HttpStatusCode.PreconditionFailed)
            {
                return null;
            }
        }
    }
}
