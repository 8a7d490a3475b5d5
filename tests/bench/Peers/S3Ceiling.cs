using System.Diagnostics;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Kaleidofs.Tests.Support.Servers;

namespace Kaleidofs.Tests.Bench.Peers;

/// <summary>The same works by the SDK alone, with nothing between: no mount can be faster with it.</summary>
internal sealed class S3Ceiling : IDisposable
{
    private const int PartLength = 8 << 20;
    private const int Parallel = 8;

    private readonly AmazonS3Client _client;
    private readonly string _bucket;

    public S3Ceiling(string endpoint, string bucket)
    {
        _bucket = bucket;
        _client = new AmazonS3Client(new BasicAWSCredentials(RadosGateway.AccessKey, RadosGateway.SecretKey), new AmazonS3Config
        {
            ServiceURL = endpoint,
            ForcePathStyle = true,
            AuthenticationRegion = "us-east-1",
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        });
    }

    public Task MakeBucketAsync() => _client.PutBucketAsync(_bucket);

    public async Task PutManyAsync(string prefix, int count)
        => await System.Threading.Tasks.Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (number, _) => await PutAsync($"{prefix}{number:D6}", new byte[1]).ConfigureAwait(false)).ConfigureAwait(false);

    public Task PutAsync(string key, byte[] content) => _client.PutObjectAsync(new PutObjectRequest { BucketName = _bucket, Key = key, InputStream = new MemoryStream(content) });

    public async Task<double> ListAsync(string prefix, int count)
    {
        long start = Stopwatch.GetTimestamp();
        ListObjectsV2Request request = new() { BucketName = _bucket, Prefix = prefix, Delimiter = "/" };
        int found = 0;
        ListObjectsV2Response page;
        do
        {
            page = await _client.ListObjectsV2Async(request).ConfigureAwait(false);
            found += page.S3Objects.Count;
            request.ContinuationToken = page.NextContinuationToken;
        }
        while (page.IsTruncated == true);
        return found == count ? Stopwatch.GetElapsedTime(start).TotalSeconds : throw new IOException($"{found} keys, not {count}");
    }

    /// <summary>Gets a second.</summary>
    public Task<double> ReadRandomAsync(string key, long size, int jobs, int seconds) => RateAsync(jobs, seconds, async random =>
    {
        byte[] buffer = new byte[MountedWorks.ReadLength];
        await GetAsync(key, random.NextInt64(size / buffer.Length) * buffer.Length, buffer).ConfigureAwait(false);
    });

    /// <summary>Seconds for all of an object, in parts that are got at once.</summary>
    public async Task<double> StreamAsync(string key, long size)
    {
        long start = Stopwatch.GetTimestamp();
        await System.Threading.Tasks.Parallel.ForAsync(0, (size + PartLength - 1) / PartLength, new ParallelOptions { MaxDegreeOfParallelism = Parallel }, async (part, _) =>
            await GetAsync(key, part * PartLength, new byte[Math.Min(PartLength, size - (part * PartLength))]).ConfigureAwait(false)).ConfigureAwait(false);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Puts a second.</summary>
    public Task<double> CreateAsync(string prefix, int jobs, int seconds) => RateAsync(jobs, seconds, random => PutAsync($"{prefix}{random.NextInt64():x}", new byte[MountedWorks.FileLength]));

    /// <summary>Seconds to send an object in parts at once.</summary>
    public async Task<double> WriteAsync(string key, long size)
    {
        long start = Stopwatch.GetTimestamp();
        string upload = (await _client.InitiateMultipartUploadAsync(_bucket, key).ConfigureAwait(false)).UploadId;
        int count = (int)((size + PartLength - 1) / PartLength);
        PartETag[] parts = new PartETag[count];
        byte[] content = new byte[PartLength];
        // Nothing that a cache could pack.
        new Random(1).NextBytes(content);
        await System.Threading.Tasks.Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = Parallel }, async (part, token) =>
        {
            MemoryStream stream = new(content, 0, (int)Math.Min(PartLength, size - ((long)part * PartLength)));
            UploadPartResponse sent = await _client.UploadPartAsync(
                new UploadPartRequest { BucketName = _bucket, Key = key, UploadId = upload, PartNumber = part + 1, InputStream = stream, PartSize = stream.Length }, token).ConfigureAwait(false);
            parts[part] = new PartETag(part + 1, sent.ETag);
        }).ConfigureAwait(false);
        await _client.CompleteMultipartUploadAsync(new CompleteMultipartUploadRequest { BucketName = _bucket, Key = key, UploadId = upload, PartETags = [.. parts] }).ConfigureAwait(false);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    public void Dispose() => _client.Dispose();

    private static async Task<double> RateAsync(int jobs, int seconds, Func<Random, Task> work)
    {
        long start = Stopwatch.GetTimestamp();
        int[] done = await Task.WhenAll(Enumerable.Range(0, jobs).Select(async job =>
        {
            Random random = new(job);
            int count = 0;
            for (; Stopwatch.GetElapsedTime(start).TotalSeconds < seconds; count++)
            {
                await work(random).ConfigureAwait(false);
            }
            return count;
        })).ConfigureAwait(false);
        return done.Sum() / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private async Task GetAsync(string key, long offset, byte[] buffer)
    {
        using GetObjectResponse response = await _client.GetObjectAsync(
            new GetObjectRequest { BucketName = _bucket, Key = key, ByteRange = new ByteRange(offset, offset + buffer.Length - 1) }).ConfigureAwait(false);
        await response.ResponseStream.ReadExactlyAsync(buffer).ConfigureAwait(false);
    }
}
