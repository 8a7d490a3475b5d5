using Amazon.S3;
using Amazon.S3.Model;

namespace Kaleidofs.Tests.Servers.S3;

/// <summary>What keys had before, beside what they have.</summary>
[Collection(S3Collection.Name)]
public sealed class VersionsTests(RadosGateway server)
{
    [SkippableFact]
    public async Task What_a_key_had_before_is_shown_by_numbers_the_oldest_first_and_what_was_removed_too()
    {
        using TestBucket bucket = await MakeAsync();
        string longName = new('n', 300);
        await bucket.PutAsync("p/f", "first", ("uid", "7"));
        await bucket.PutAsync("p/f", "second");
        await bucket.PutAsync("p/f", "third");
        await bucket.PutAsync("p/f-beside", "once");
        await bucket.PutAsync("p/d/gone", "there");
        await bucket.DeleteAsync("p/d/gone");
        await bucket.PutAsync("p/d/gone/1", "under a number");
        await bucket.PutAsync("p/d/gone/1", "under a number, again");
        await bucket.PutAsync("p/" + longName, "long");
        await bucket.DeleteAsync("p/" + longName);
        await bucket.PutAsync("elsewhere", "x");
        await bucket.DeleteAsync("elsewhere");
        await using Tree tree = await bucket.OpenAsync("p", options: ["versions", "ttl=0"]);
        Assert.Equal([".versions/", "d/", "f", "f-beside"], await tree.ListAsync());
        List<string> names = await tree.ListAsync(".versions");
        Assert.Equal(["d/", "f/"], names.Where(name => !name.StartsWith('n')));
        string shortened = names.Single(name => name.StartsWith('n'));
        Assert.Equal(["1", "2"], await tree.ListAsync(".versions/f"));
        // The key d/gone/1 has the name: then the number has another.
        Assert.Equal(["1/", "1=s3:file="], await tree.ListAsync(".versions/d/gone"));
        foreach (string options in (string[])["ttl=0", "ttl=60"])
        {
            await using Tree other = await bucket.OpenAsync("p", options: ["versions", options]);
            Assert.Equal(("first", "second"), (await other.ReadTextAsync(".versions/f/1"), await other.ReadTextAsync(".versions/f/2")));
            Assert.Equal(("there", "under a number"), (await other.ReadTextAsync(".versions/d/gone/1=s3:file="), await other.ReadTextAsync(".versions/d/gone/1/1")));
            Assert.Equal(("third", "under a number, again"), (await other.ReadTextAsync("f"), await other.ReadTextAsync("d/gone/1")));
            Assert.Equal((5u, 7u), ((await other.FindAsync(".versions/f/1")).Size, (await other.FindAsync(".versions/f/1")).UserId));
            Assert.Equal("long", await other.ReadTextAsync($".versions/{shortened}1"));
            foreach (string absent in (string[])["f/0", "f/3", "f/01", "f/+1", "f/1=s3:file=", "f-beside", "1", "x"])
            {
                Assert.Equal((absent, 0u), (absent, (await other.FindAsync(".versions/" + absent)).Inode));
            }
        }
        await bucket.PutAsync("p/f", "fourth");
        Assert.Equal(("first", "third"), (await tree.ReadTextAsync(".versions/f/1"), await tree.ReadTextAsync(".versions/f/3")));
        await using Tree without = await bucket.OpenAsync("p", options: "ttl=0");
        Assert.Equal(0u, (await without.FindAsync(".versions")).Inode);
    }

    [SkippableFact]
    public async Task Versions_can_be_read_and_not_changed_and_hide_keys_of_their_name()
    {
        using TestBucket bucket = await MakeAsync();
        await bucket.PutAsync("f", "first");
        await bucket.PutAsync("f", "second");
        await bucket.PutAsync(".versions/own", "hidden");
        await bucket.PutAsync(".versions.rclonelink", "hidden");
        await using Tree tree = await bucket.OpenAsync(options: "versions");
        Assert.Equal([".versions/", "f"], await tree.ListAsync());
        Assert.Equal([".versions/", "f/"], await tree.ListAsync(".versions"));
        ulong version = await tree.GetInodeAsync(".versions/f/1");
        Assert.Equal(Errno.EROFS, (await tree.FileSystem.OpenAsync(default, version, OpenFlags.ReadWrite)).Errno);
        Assert.Equal(Errno.EROFS, (await tree.FileSystem.OpenAsync(default, version, OpenFlags.Truncate)).Errno);
        Assert.Equal(Errno.EROFS, await tree.ChangeAsync(".versions/f/1", new AttributeChange { Mode = 0x180 }));
        Assert.Equal(Errno.EROFS, await tree.ChangeAsync(".versions/f/1", new AttributeChange { Size = 0 }));
        Assert.Equal(Errno.EROFS, await tree.ChangeAsync(".versions", new AttributeChange { Mode = 0x180 }));
        Assert.Equal(Errno.EROFS, await tree.FileSystem.SetExtendedAttributeAsync(default, version, "user.x"u8.ToArray(), "1"u8.ToArray(), 0));
        Assert.Equal(Errno.ENODATA, (await tree.FileSystem.GetExtendedAttributeAsync(default, version, "user.x"u8.ToArray())).Errno);
        Assert.Equal(Errno.EROFS, await tree.RemoveAsync(".versions/f/1"));
        Assert.Equal(Errno.EROFS, await tree.RemoveAsync(".versions", isDirectory: true));
        Assert.Equal(Errno.EROFS, await tree.MakeDirectoryAsync(".versions/d"));
        Assert.Equal(Errno.EROFS, await tree.LinkAsync(".versions/l", "f"));
        Assert.Equal(Errno.EROFS, await tree.RenameAsync(".versions/f/1", "g"));
        Assert.Equal(Errno.EROFS, await tree.RenameAsync("f", ".versions/g"));
        Assert.Equal(Errno.EROFS, await tree.RenameAsync(".versions", "g"));
        Assert.Equal("first", await tree.ReadTextAsync(".versions/f/1"));
        Assert.Equal(("second", "hidden"), (await bucket.GetTextAsync("f"), await bucket.GetTextAsync(".versions/own")));
        await Assert.ThrowsAsync<SourceException>(() => bucket.OpenAsync(options: ["versions", "at=2026-01-01"]));
    }

    [SkippableFact]
    public async Task More_versions_than_a_page_has_are_all_there()
    {
        using TestBucket bucket = await MakeAsync();
        await bucket.PutAsync("often", "first");
        await bucket.PutManyAsync(Enumerable.Repeat("often", 1050));
        await bucket.PutAsync("z", "1");
        await bucket.DeleteAsync("z");
        await using Tree tree = await bucket.OpenAsync(options: "versions");
        Assert.Equal(["often/", "z/"], await tree.ListAsync(".versions"));
        Assert.Equal(1050, (await tree.ListAsync(".versions/often")).Count);
        Assert.Equal(("first", "x"), (await tree.ReadTextAsync(".versions/often/1"), await tree.ReadTextAsync(".versions/often/1050")));
        Assert.Equal("1", await tree.ReadTextAsync(".versions/z/1"));
    }

    private async Task<TestBucket> MakeAsync()
    {
        TestBucket bucket = await TestBucket.MakeAsync(server);
        await bucket.Client.PutBucketVersioningAsync(new PutBucketVersioningRequest { BucketName = bucket.Name, VersioningConfig = new S3BucketVersioningConfig { Status = VersionStatus.Enabled } });
        return bucket;
    }
}
