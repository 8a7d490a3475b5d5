using System.Net;
using Amazon.Runtime;
using Amazon.S3;

namespace Kaleidofs.Drivers.S3.Client;

/// <summary>What a failed request means.</summary>
internal static class S3Failure
{
    /// <summary>The errno of an exception of the SDK's; null if it is none that is to be expected.</summary>
    public static Errno? GetErrno(Exception exception) => exception switch
    {
        AmazonS3Exception s3 => GetErrno(s3),
        AmazonServiceException or AmazonClientException or HttpRequestException or IOException or TimeoutException => Errno.EIO,
        // The deadline, as nobody cancels a request of the driver's.
        OperationCanceledException => Errno.EIO,
        _ => null,
    };

    /// <summary>One line for who opens a bucket: what failed, and what to do.</summary>
    public static string Explain(Exception exception, S3Options options) => exception switch
    {
        AmazonS3Exception { ErrorCode: "NoSuchBucket" } => "there is no such bucket; check its name, the region and the endpoint",
        AmazonS3Exception { ErrorCode: "InvalidAccessKeyId" } => "the access key is not known to the server; check the profile or AWS_ACCESS_KEY_ID",
        AmazonS3Exception { ErrorCode: "SignatureDoesNotMatch" } => "the secret key is wrong, or the region is; check the credentials and -o region=",
        AmazonS3Exception { ErrorCode: "ExpiredToken" or "TokenRefreshRequired" } => "the session's credentials have expired; log in again",
        AmazonS3Exception { ErrorCode: "RequestTimeTooSkewed" } => "this machine's clock differs too much from the server's; set it right",
        AmazonS3Exception { ErrorCode: "PermanentRedirect" or "AuthorizationHeaderMalformed" or "IllegalLocationConstraintException" } s3
            => $"the bucket is in another region ({s3.Message.TrimEnd('.')}); give -o region=",
        AmazonS3Exception { StatusCode: HttpStatusCode.Forbidden } => options.IsAnonymous
            ? "permission denied to anonymous requests; give credentials, without -o anonymous"
            : "permission denied; these credentials may not list it (s3:ListBucket)",
        AmazonS3Exception s3 => $"the server answered {(int)s3.StatusCode} {s3.ErrorCode}: {s3.Message}",
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => "the endpoint's name cannot be resolved; check -o endpoint= and the network",
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } tls
            => $"TLS failed ({(tls.InnerException ?? tls).Message}); check -o endpoint=, or give -o ca=FILE for an authority of your own",
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } http => $"cannot connect ({http.Message}); check -o endpoint= and the network",
        AmazonClientException { InnerException: HttpRequestException inner } => Explain(inner, options),
        AmazonClientException profile when options.Profile is not null && profile.Message.Contains("profile", StringComparison.Ordinal)
            => $"there is no profile '{options.Profile}' in ~/.aws; check -o profile=",
        OperationCanceledException or TimeoutException => $"no answer within {options.Timeout.TotalSeconds:0} s; check -o endpoint= and the network",
        AmazonClientException client when client.Message.Contains("credentials", StringComparison.OrdinalIgnoreCase)
            => "no credentials found; set AWS_PROFILE or AWS_ACCESS_KEY_ID, give -o profile=, or -o anonymous for a public bucket",
        _ => exception.Message.Split('\n')[0],
    };

    private static Errno GetErrno(AmazonS3Exception exception) => exception.StatusCode switch
    {
        HttpStatusCode.NotFound => Errno.ENOENT,
        HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized => Errno.EACCES,
        // If-Match, If-None-Match: it is not the one that was meant.
        HttpStatusCode.PreconditionFailed or HttpStatusCode.Conflict => Errno.ESTALE,
        // Cut shorter meanwhile: reads end where the file did.
        HttpStatusCode.RequestedRangeNotSatisfiable => Errno.ESTALE,
        HttpStatusCode.RequestEntityTooLarge => Errno.EFBIG,
        HttpStatusCode.NotImplemented => Errno.EOPNOTSUPP,
        HttpStatusCode.InsufficientStorage => Errno.ENOSPC,
        _ => exception.ErrorCode switch
        {
            "QuotaExceeded" => Errno.EDQUOT,
            "EntityTooLarge" => Errno.EFBIG,
            "KeyTooLongError" => Errno.ENAMETOOLONG,
            _ => Errno.EIO,
        },
    };
}
