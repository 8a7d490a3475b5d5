using Amazon.S3;
using Amazon.S3.Model;
using Kaleidofs.Tests.Support.Memory;

namespace Kaleidofs.Tests.Servers.S3;

/// <summary>A bucket that keeps versions, as it was; and options of what is written.</summary>
[Collection(S3Collection.Name)]
public sealed class PastTests(RadosGateway server)
{
    [SkippableFact]
    public async Task A_bucket_is_shown_as_it_was_at_a_time()
    {
        using TestBucket bucket = await TestBucket.MakeAsync(server);
        await bucket.Client.PutBucketVersioningAsync(new PutBucketVersioningRequest { BucketName = bucket.Name, VersioningConfig = new S3BucketVersioningConfig { Status = VersionStatus.Enabled } });
        await bucket.PutAsync("d/f", "first", ("uid", "7"));
        await bucket.PutAsync("d/gone", "x");
        await bucket.PutAsync("f", "top");
        string before = await TimeAsync();
        await bucket.PutAsync("d/f", "second, longer");
        await bucket.DeleteAsync("d/gone");
        await bucket.PutAsync("d/new", "x");
        for (int round = 0; round < 5; round++)
        {
            await bucket.PutAsync("f", $"top {round}");
        }
        string between = await TimeAsync();
        await bucket.PutAsync("d/gone", "again");
        await using (Tree tree = await bucket.OpenAsync(options: "at=" + before))
        {
            Assert.Equal(["f", "gone"], await tree.ListAsync("d"));
            Assert.Equal(("first", "x", "top"), (await tree.ReadTextAsync("d/f"), await tree.ReadTextAsync("d/gone"), await tree.ReadTextAsync("f")));
            Assert.Equal(0u, (await tree.FindAsync("d/new")).Inode);
            Assert.Equal(Errno.EROFS, (await tree.TryCreateAsync("x")).Errno);
            Assert.Equal(Errno.EROFS, await tree.RemoveAsync("f"));
        }
        await using (Tree tree = await bucket.OpenAsync(options: "at=" + before))
        {
            // By name, without a listing.
            Assert.Equal((5u, 7u), ((await tree.FindAsync("d/f")).Size, (await tree.FindAsync("d/f")).UserId));
            Assert.Equal("first", await tree.ReadTextAsync("d/f"));
        }
        await using (Tree tree = await bucket.OpenAsync(options: "at=" + between))
        {
            Assert.Equal(["f", "new"], await tree.ListAsync("d"));
            Assert.Equal(("second, longer", "top 4"), (await tree.ReadTextAsync("d/f"), await tree.ReadTextAsync("f")));
        }
        await using (Tree tree = await bucket.OpenAsync(options: "at=2001-01-01"))
        {
            Assert.Empty(await tree.WalkAsync());
            Assert.Equal(0u, (await tree.FindAsync("f")).Inode);
        }
        await using Tree now = await bucket.OpenAsync();
        Assert.Equal("again", await now.ReadTextAsync("d/gone"));
        SourceException wrong = await Assert.ThrowsAsync<SourceException>(() => bucket.OpenAsync(options: "at=yesterday"));
        Assert.True(wrong.IsUsageError);
    }

    [SkippableFact]
    public async Task Conflicts_the_room_for_staging_and_chunks_are_as_the_options_say()
    {
        using TestBucket bucket = await TestBucket.MakeAsync(server);
        await bucket.PutAsync("f", "first");
        await bucket.PutAsync("long", new byte[50_000]);
        await using Tree tree = await bucket.OpenAsync(log: new RecordingLog(), options: ["conflict=EBUSY", "staging-size=100K", "chunked=off", "checksum=off"]);
        (ulong Inode, ulong Handle) file = await tree.CreateAsync("f", OpenFlags.WriteOnly);
        await tree.WriteAsync(file, 0, "F");
        await bucket.PutAsync("f", "theirs");
        Assert.Equal(Errno.EBUSY, await tree.CloseAsync(file));
        // 102,400 bytes: two of 50,000, and no third.
        (ulong Inode, ulong Handle) one = await tree.CreateAsync("one");
        await tree.WriteAsync(one, 0, new byte[50_000]);
        (ulong Inode, ulong Handle) two = await tree.CreateAsync("long", OpenFlags.ReadWrite);
        await tree.WriteAsync(two, 10, "x");
        Assert.Equal(Errno.ENOSPC, await tree.ChangeAsync("one", new AttributeChange { Size = 60_000, Handle = one.Handle }));
        Assert.Equal(Errno.None, await tree.CloseAsync(one));
        Assert.Equal(Errno.None, await tree.ChangeAsync("long", new AttributeChange { Size = 100_000, Handle = two.Handle }));
        Assert.Equal(Errno.None, await tree.CloseAsync(two));
        Assert.Equal((50_000, 100_000), ((await bucket.GetAsync("one"))!.Length, (await bucket.GetAsync("long"))!.Length));
        await tree.PutAsync("after", new byte[102_400]);
    }

    [SkippableFact]
    public async Task What_is_written_is_encrypted_with_the_key_that_is_named()
    {
        using TestBucket bucket = await TestBucket.MakeAsync(server);
        await using (Tree tree = await bucket.OpenAsync(options: ["sse=aws:kms", "sse-key=testkey"]))
        {
            await tree.PutAsync("small", "secret");
            await tree.PutAsync("large", new byte[9 << 20]);
            // This server cannot copy what is encrypted.
            Assert.Equal(Errno.EXDEV, await tree.RenameAsync("small", "moved"));
            Assert.Equal("secret", await tree.ReadTextAsync("small"));
        }
        foreach (string key in (string[])["small", "large"])
        {
            GetObjectMetadataResponse head = await bucket.Client.GetObjectMetadataAsync(bucket.Name, key);
            Assert.Equal(("aws:kms", "testkey"), (head.ServerSideEncryptionMethod?.Value, head.ServerSideEncryptionKeyManagementServiceKeyId));
        }
        await Assert.ThrowsAsync<SourceException>(() => bucket.OpenAsync(options: ["sse-key=testkey"]));
    }

    /// <summary>A time, of the server's clock, with nothing written in the seconds around it.</summary>
    private static async Task<string> TimeAsync()
    {
        await Task.Delay(1100);
        string time = DateTimeOffset.UtcNow.ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture);
        await Task.Delay(1100);
        return time;
    }
}
