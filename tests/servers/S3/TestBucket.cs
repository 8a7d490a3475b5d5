using System.Text;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Kaleidofs.Caching;
using Kaleidofs.Drivers.S3;
using Kaleidofs.Host.Linux;
using Kaleidofs.Tests.Support.Memory;

namespace Kaleidofs.Tests.Servers.S3;

/// <summary>A bucket of one test's, and another client than the driver's to look at it and change it.</summary>
internal sealed class TestBucket : IDisposable
{
    private static int _last;

    private readonly RadosGateway _server;

    private TestBucket(RadosGateway server)
    {
        _server = server;
        Name = $"test-{Interlocked.Increment(ref _last)}";
        Client = new AmazonS3Client(new BasicAWSCredentials(RadosGateway.AccessKey, RadosGateway.SecretKey), new AmazonS3Config
        {
            ServiceURL = server.Endpoint,
            ForcePathStyle = true,
            AuthenticationRegion = "us-east-1",
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        });
    }

    public string Name { get; }

    public AmazonS3Client Client { get; }

    public string Endpoint => _server.Endpoint;

    public string Source => $"s3://{Name}/";

    public static async Task<TestBucket> MakeAsync(RadosGateway server)
    {
        Skip.If(server.Missing is not null, server.Missing);
        TestBucket bucket = new(server);
        await bucket.Client.PutBucketAsync(bucket.Name);
        return bucket;
    }

    public async Task<string> PutAsync(string key, byte[] content, params (string Name, string Value)[] metadata)
    {
        PutObjectRequest request = new() { BucketName = Name, Key = key, InputStream = new MemoryStream(content) };
        foreach ((string name, string value) in metadata)
        {
            request.Metadata[name] = value;
        }
        return (await Client.PutObjectAsync(request)).ETag;
    }

    public Task<string> PutAsync(string key, string content, params (string Name, string Value)[] metadata) => PutAsync(key, Encoding.UTF8.GetBytes(content), metadata);

    public async Task PutManyAsync(IEnumerable<string> keys, string content = "x")
        => await Parallel.ForEachAsync(keys, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (key, _) => await PutAsync(key, content));

    public async Task<byte[]?> GetAsync(string key)
    {
        try
        {
            using GetObjectResponse response = await Client.GetObjectAsync(Name, key);
            using MemoryStream content = new();
            await response.ResponseStream.CopyToAsync(content);
            return content.ToArray();
        }
        catch (AmazonS3Exception exception) when (exception.StatusCode == System.Net.HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    public async Task<string?> GetTextAsync(string key) => await GetAsync(key) is { } content ? Encoding.UTF8.GetString(content) : null;

    public async Task<List<string>> GetKeysAsync()
    {
        List<string> keys = [];
        ListObjectsV2Request request = new() { BucketName = Name };
        ListObjectsV2Response page;
        do
        {
            page = await Client.ListObjectsV2Async(request);
            keys.AddRange((page.S3Objects ?? []).Select(found => found.Key));
            request.ContinuationToken = page.NextContinuationToken;
        }
        while (page.IsTruncated == true);
        return keys;
    }

    public async Task<MetadataCollection> GetMetadataAsync(string key) => (await Client.GetObjectMetadataAsync(Name, key)).Metadata;

    public Task DeleteAsync(string key) => Client.DeleteObjectAsync(Name, key);

    /// <summary>Opens it with the driver.</summary>
    /// <param name="prefix">What keys begin with.</param>
    /// <param name="endpoint">Another way to the server than the straight one.</param>
    /// <param name="log">What is told to an operator.</param>
    /// <param name="cache">The content cache.</param>
    /// <param name="options">Options, as <c>name=value</c>.</param>
    public async Task<Tree> OpenAsync(string prefix = "", string? endpoint = null, DriverLog? log = null, ContentCache? cache = null, params string[] options)
    {
        Dictionary<string, string> all = options.Select(option => option.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair.ElementAtOrDefault(1) ?? "");
        all.TryAdd("endpoint", endpoint ?? _server.Endpoint);
        DriverContext context = new()
        {
            Source = $"//{Name}/{prefix}",
            Scheme = "s3",
            Options = all,
            Cache = cache ?? new ContentCache(),
            Files = new DiskReader(),
            Log = log ?? new RecordingLog(),
        };
        return new Tree(await new S3Driver().OpenAsync(context, CancellationToken.None));
    }

    public void Dispose() => Client.Dispose();
}
