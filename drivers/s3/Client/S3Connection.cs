using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Amazon;
using Amazon.Runtime;
using Amazon.S3;

namespace Kaleidofs.Drivers.S3.Client;

/// <summary>Makes the SDK's client for what was asked.</summary>
internal static class S3Connection
{
    /// <summary>Requests at once; more wait for a connection.</summary>
    private const int MaxConnections = 128;

    private const string DefaultRegion = "us-east-1";

    /// <summary>A request is tried so often, as its deadline allows.</summary>
    private const int Retries = 8;

    /// <summary>The same for who has just named the server, and waits for an answer.</summary>
    private const int RetriesToOpen = 2;

    /// <param name="options">What was asked.</param>
    /// <param name="isTrial">Whether it is to find out only whether the server can be reached.</param>
    /// <exception cref="SourceException">The certificates cannot be read.</exception>
    public static AmazonS3Client Open(S3Options options, bool isTrial = false)
    {
        AmazonS3Config config = new()
        {
            ForcePathStyle = options.IsPathStyle,
            RetryMode = RequestRetryMode.Adaptive,
            MaxErrorRetry = isTrial ? RetriesToOpen : Retries,
            MaxConnectionsPerServer = MaxConnections,
        };
        if (options.Profile is { } profile)
        {
            config.Profile = new Profile(profile);
        }
        if (options.Endpoint is { } endpoint)
        {
            config.ServiceURL = endpoint;
            config.AuthenticationRegion = options.Region ?? FindRegion() ?? DefaultRegion;
        }
        else
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(options.Region ?? FindRegion() ?? DefaultRegion);
        }
        if (!options.HasChecksums)
        {
            // In trailers they are Amazon's: others answer 400, or keep the trailer as content.
            config.RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED;
            config.ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED;
        }
        if (options.AuthorityFile is { } file)
        {
            config.HttpClientFactory = new TrustingClientFactory(ReadAuthorities(file), MaxConnections);
        }
        return options.IsAnonymous ? new AmazonS3Client(new AnonymousAWSCredentials(), config) : new AmazonS3Client(config);
    }

    private static string? FindRegion()
    {
        try
        {
            return FallbackRegionFactory.GetRegionEndpoint(includeInstanceMetadata: false)?.SystemName;
        }
        catch (AmazonClientException)
        {
            return null;
        }
    }

    private static X509Certificate2Collection ReadAuthorities(string file)
    {
        X509Certificate2Collection authorities = [];
        try
        {
            authorities.ImportFromPemFile(file);
        }
        catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new SourceException($"ca={file}: cannot read certificates from it: {exception.Message}", exception) { IsUsageError = true };
        }
        return authorities.Count > 0 ? authorities : throw new SourceException($"ca={file}: there are no certificates in it; give a PEM file") { IsUsageError = true };
    }
}
