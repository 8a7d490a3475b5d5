using System.Security.Cryptography;
using Kaleidofs.Caching;

namespace Kaleidofs.Tests.Servers.S3;

/// <summary>Objects that are encrypted with a key that the server is sent and does not keep.</summary>
[Collection(S3Collection.Name)]
public sealed class CustomerKeyTests(RadosGateway server)
{
    [SkippableFact]
    public async Task What_is_written_with_a_key_can_be_read_with_that_key_alone()
    {
        using TestBucket bucket = await TestBucket.MakeAsync(server);
        using TemporaryFolder folder = new();
        byte[] key = RandomNumberGenerator.GetBytes(32);
        await File.WriteAllBytesAsync(folder.At("raw"), key);
        string other = folder.Write("other", Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)) + "\n");
        byte[] large = RandomNumberGenerator.GetBytes(20 << 20);
        ContentCache cache = new();
        await using (Tree tree = await bucket.OpenAsync(cache: cache, options: $"sse-c-key-file={folder.At("raw")}"))
        {
            await tree.PutAsync("small", "secret");
            await tree.PutAsync("large", large);
            Assert.Equal("secret", await tree.ReadTextAsync("small"));
            // This server cannot copy what is encrypted.
            Assert.Equal(Errno.EXDEV, await tree.RenameAsync("small", "moved"));
        }
        await using (Tree tree = await bucket.OpenAsync(options: $"sse-c-key-file={folder.Write("text", Convert.ToBase64String(key) + "\n")}"))
        {
            Assert.Equal("secret", await tree.ReadTextAsync("small"));
            Assert.Equal(large, await tree.ReadAllAsync("large", step: 1 << 20));
        }
        await Assert.ThrowsAnyAsync<Amazon.S3.AmazonS3Exception>(() => bucket.GetAsync("small"));
        foreach (string option in (string[])["ttl=5", $"sse-c-key-file={other}"])
        {
            await using Tree tree = await bucket.OpenAsync(cache: cache, options: option);
            Assert.True((await tree.FileSystem.LookupAsync(default, FileSystem.RootInode, "small"u8.ToArray())).Errno is Errno.EIO or Errno.EACCES);
            // A listing tells of it, and what it says is believed; its bytes are in the cache, for others.
            await tree.ListAsync();
            Xunit.Sdk.XunitException failure = await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(() => tree.ReadTextAsync("small"));
            Assert.Matches("EIO|EACCES", failure.Message);
        }
    }

    [SkippableFact]
    public async Task A_file_without_a_key_is_refused()
    {
        using TestBucket bucket = await TestBucket.MakeAsync(server);
        using TemporaryFolder folder = new();
        foreach (string option in (string[])[folder.Write("short", "secret"), folder.Write("long", new string('A', 1000)), folder.At("absent")])
        {
            SourceException refusal = await Assert.ThrowsAsync<SourceException>(() => bucket.OpenAsync(options: $"sse-c-key-file={option}"));
            Assert.True(refusal.IsUsageError);
        }
        await Assert.ThrowsAsync<SourceException>(() => bucket.OpenAsync(options: ["sse=AES256", $"sse-c-key-file={folder.Write("good", new string('k', 32))}"]));
    }
}
