using System.Security.Cryptography.X509Certificates;
using Amazon.Runtime;

namespace Kaleidofs.Drivers.S3.Client;

/// <summary>Makes HTTP clients that trust further authorities, and otherwise check certificates as ever.</summary>
internal sealed class TrustingClientFactory(X509Certificate2Collection authorities, int maxConnections) : HttpClientFactory
{
    /// <inheritdoc/>
    public override HttpClient CreateHttpClient(IClientConfig clientConfig)
    {
        SocketsHttpHandler handler = new() { MaxConnectionsPerServer = maxConnections, AllowAutoRedirect = false };
        X509ChainPolicy policy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(authorities);
        using X509Store system = new(StoreName.Root, StoreLocation.LocalMachine, System.Security.Cryptography.X509Certificates.OpenFlags.ReadOnly);
        policy.CustomTrustStore.AddRange(system.Certificates);
        handler.SslOptions.CertificateChainPolicy = policy;
        return new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }
}
