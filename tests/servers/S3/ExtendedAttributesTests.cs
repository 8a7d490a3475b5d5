using System.Text;

namespace Kaleidofs.Tests.Servers.S3;

/// <summary>Extended attributes are metadata at a real server, in the form of s3fs.</summary>
[Collection(S3Collection.Name)]
public sealed class ExtendedAttributesTests(RadosGateway server)
{
    private const uint CreateOnly = 1;
    private const uint ReplaceOnly = 2;

    [SkippableFact]
    public async Task They_are_set_got_listed_and_removed_in_the_form_of_s3fs()
    {
        using TestBucket bucket = await TestBucket.MakeAsync(server);
        await bucket.PutAsync("f", "content", ("xattr", "%7B%22user.theirs%22%3A%22dmFs%22%2C%22user.empty%22%3A%22%22%7D"), ("other", "kept"));
        await using (Tree tree = await bucket.OpenAsync())
        {
            Assert.Equal(["f"], await tree.ListAsync());
            Assert.Equal("val", await GetAsync(tree, "f", "user.theirs"));
            Assert.Equal(["user.empty", "user.theirs"], await ListAsync(tree, "f"));
            Assert.Equal(Errno.None, await SetAsync(tree, "f", "user.ours", "\u00e4 \0,:\"", CreateOnly));
            Assert.Equal(Errno.EEXIST, await SetAsync(tree, "f", "user.ours", "", CreateOnly));
            Assert.Equal(Errno.ENODATA, await SetAsync(tree, "f", "user.none", "", ReplaceOnly));
            Assert.Equal(Errno.None, await RemoveAsync(tree, "f", "user.empty"));
            Assert.Equal(Errno.ENODATA, await RemoveAsync(tree, "f", "user.empty"));
            Assert.Equal(Errno.EOPNOTSUPP, await SetAsync(tree, "f", "trusted.x", "1", 0));
            Assert.Null(await GetAsync(tree, "f", "security.capability"));
        }
        Assert.Equal("kept", (await bucket.GetMetadataAsync("f"))["other"]);
        Assert.Equal("content", await bucket.GetTextAsync("f"));
        string kept = Uri.UnescapeDataString((await bucket.GetMetadataAsync("f"))["xattr"]);
        Assert.Contains($"\"user.ours\":\"{Convert.ToBase64String(Encoding.UTF8.GetBytes("\u00e4 \0,:\""))}\"", kept, StringComparison.Ordinal);
        await using Tree again = await bucket.OpenAsync();
        Assert.Equal(["user.ours", "user.theirs"], await ListAsync(again, "f"));
        Assert.Equal("\u00e4 \0,:\"", await GetAsync(again, "f", "user.ours"));
    }

    [SkippableFact]
    public async Task They_stay_when_a_file_is_renamed_written_anew_and_changed_as_its_owner_and_mode_do()
    {
        using TestBucket bucket = await TestBucket.MakeAsync(server);
        await using (Tree tree = await bucket.OpenAsync())
        {
            (ulong Inode, ulong Handle) file = await tree.CreateAsync("new");
            await tree.WriteAsync(file, 0, "one");
            Assert.Equal(Errno.None, await SetAsync(tree, "new", "user.a", "1", 0));
            Assert.Equal(Errno.None, await tree.CloseAsync(file));
            Assert.Equal(Errno.None, await tree.ChangeAsync("new", new AttributeChange { Mode = 0x1E8, UserId = 7, GroupId = 8 }));
            Assert.Equal(Errno.None, await tree.MakeDirectoryAsync("d"));
            Assert.Equal(Errno.None, await SetAsync(tree, "d", "user.d", "2", 0));
            Assert.Equal(Errno.None, await tree.RenameAsync("new", "d/moved"));
        }
        // Known from a listing alone, as the kernel may know it.
        await using (Tree tree = await bucket.OpenAsync())
        {
            Assert.Equal(["d/"], await tree.ListAsync());
            Assert.Equal(["moved"], await tree.ListAsync("d"));
            await tree.PutAsync("d/moved", "two");
            Assert.Equal(Errno.None, await tree.ChangeAsync("d", new AttributeChange { Mode = 0x1C0 }));
        }
        Assert.Equal("two", await bucket.GetTextAsync("d/moved"));
        await using Tree again = await bucket.OpenAsync();
        Attributes moved = await again.FindAsync("d/moved");
        Assert.Equal((FileType.Regular | 0x1E8u, 7u, 8u), (moved.Mode, moved.UserId, moved.GroupId));
        Assert.Equal("1", await GetAsync(again, "d/moved", "user.a"));
        Assert.Equal("2", await GetAsync(again, "d", "user.d"));
        Assert.Equal(FileType.Directory | 0x1C0u, (await again.FindAsync("d")).Mode);
    }

    [SkippableFact]
    public async Task What_metadata_has_no_room_for_is_refused_and_changes_nothing()
    {
        using TestBucket bucket = await TestBucket.MakeAsync(server);
        await bucket.PutAsync("f", "content");
        await bucket.PutAsync("odd", "content", ("xattr", "not%20JSON"));
        await using Tree tree = await bucket.OpenAsync();
        Assert.Equal(Errno.E2BIG, await SetAsync(tree, "f", "user.long", new string('x', 3000), 0));
        Assert.Equal(Errno.None, await SetAsync(tree, "f", "user.a", new string('x', 900), 0));
        Assert.Equal(Errno.ENOSPC, await SetAsync(tree, "f", "user.b", new string('x', 900), 0));
        Assert.Equal(["user.a"], await ListAsync(tree, "f"));
        Assert.Equal(Errno.EIO, await SetAsync(tree, "odd", "user.a", "1", 0));
        Assert.Equal("not%20JSON", (await bucket.GetMetadataAsync("odd"))["xattr"]);
        await using Tree without = await bucket.OpenAsync(options: "xattr=off");
        Assert.Equal(Errno.EOPNOTSUPP, await SetAsync(without, "f", "user.b", "1", 0));
        Assert.Equal(Errno.ENOSYS, (await without.FileSystem.ListExtendedAttributesAsync(default, await without.GetInodeAsync("f"))).Errno);
    }

    private static async Task<Errno> SetAsync(Tree tree, string path, string name, string value, uint flags)
        => await tree.FileSystem.SetExtendedAttributeAsync(default, await tree.GetInodeAsync(path), Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(value), flags);

    private static async Task<Errno> RemoveAsync(Tree tree, string path, string name)
        => await tree.FileSystem.RemoveExtendedAttributeAsync(default, await tree.GetInodeAsync(path), Encoding.UTF8.GetBytes(name));

    /// <summary>An attribute's value; null if there is none of that name.</summary>
    private static async Task<string?> GetAsync(Tree tree, string path, string name)
    {
        Result<ReadOnlyMemory<byte>> got = await tree.FileSystem.GetExtendedAttributeAsync(default, await tree.GetInodeAsync(path), Encoding.UTF8.GetBytes(name));
        Assert.True(got.Errno is Errno.None or Errno.ENODATA, got.Errno.ToString());
        return got.IsOk ? Encoding.UTF8.GetString(got.Value.Span) : null;
    }

    private static async Task<string[]> ListAsync(Tree tree, string path)
        => Encoding.UTF8.GetString((await tree.FileSystem.ListExtendedAttributesAsync(default, await tree.GetInodeAsync(path))).Value.Span).Split('\0', StringSplitOptions.RemoveEmptyEntries);
}
