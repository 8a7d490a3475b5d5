namespace Kaleidofs.Tests.Servers.Smb;

public sealed class ReadingTests
{
    private const string Plain = "server signing = disabled\nsmb encrypt = off";
    private const string Signing = "server signing = mandatory";
    private const string Encrypting = "smb encrypt = required";

    [SkippableTheory]
    [InlineData(Plain, "")]
    [InlineData(Plain, "protection=none")]
    [InlineData(Plain, "vers=2.1")]
    [InlineData(Plain, "vers=3.0")]
    [InlineData(Plain, "vers=3.0.2,protection=none")]
    [InlineData(Signing, "")]
    [InlineData(Signing, "vers=2.1")]
    [InlineData(Signing, "vers=3.0")]
    [InlineData(Signing, "protection=sign")]
    [InlineData("", "")]
    [InlineData("", "protection=none")]
    [InlineData("", "protection=encrypt")]
    [InlineData("", "protection=encrypt,vers=3.0")]
    [InlineData("server signing = mandatory\nserver smb3 signing algorithms = AES-128-CMAC", "protection=sign")]
    [InlineData("server signing = mandatory\nserver smb3 signing algorithms = HMAC-SHA256", "protection=sign")]
    [InlineData("server smb3 encryption algorithms = AES-256-GCM", "protection=encrypt")]
    [InlineData("server smb3 encryption algorithms = AES-256-CCM", "protection=encrypt")]
    [InlineData("server smb3 encryption algorithms = AES-128-CCM", "protection=encrypt")]
    [InlineData(Encrypting, "")]
    [InlineData(Encrypting, "protection=none")]
    [InlineData(Encrypting, "vers=3.0")]
    public async Task A_share_reads_as_it_is_however_it_is_protected(string server, string options)
    {
        using SambaServer samba = SambaShares.Start(server);
        byte[] content = new byte[5_000_001];
        new Random(1).NextBytes(content);
        await File.WriteAllBytesAsync(samba.At("large"), content);
        Directory.CreateDirectory(samba.At("d/e"));
        await File.WriteAllTextAsync(samba.At("d/e/small"), "few words");
        await using Tree tree = await samba.OpenAsync(options: options.Split(',', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(["d/", "large"], await tree.ListAsync());
        Assert.Equal("few words", await tree.ReadTextAsync("d/e/small"));
        Assert.Equal(content, await tree.ReadAllAsync("large", 3 << 20));
        ulong handle = await tree.OpenAsync("large");
        await Task.WhenAll(Enumerable.Range(0, 200).Select(async number =>
        {
            (Errno errno, byte[] part) = await tree.ReadAsync("large", handle, number * 20_000, 70_000);
            Assert.Equal(Errno.None, errno);
            Assert.True(content.AsSpan(number * 20_000, 70_000).SequenceEqual(part));
        }));
        Assert.Equal(default, (await tree.FindAsync("none")).Inode);
    }

    [SkippableFact]
    public async Task Attributes_are_those_of_the_files()
    {
        using SambaServer samba = SambaShares.Start();
        await File.WriteAllTextAsync(samba.At("file"), "12345");
        File.SetLastWriteTimeUtc(samba.At("file"), new DateTime(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc));
        await using Tree tree = await samba.OpenAsync();
        Attributes file = await tree.FindAsync("file");
        Assert.Equal((5UL, FileType.Regular | 0x1A4, 981173106L), (file.Size, file.Mode, file.ModificationTime.Seconds));
        Assert.True((await tree.FindAsync("")).IsDirectory);
        Result<FileSystemStatistics> statistics = await tree.FileSystem.GetStatisticsAsync(default, FileSystem.RootInode);
        DriveInfo drive = new(samba.Share);
        Assert.Equal(Errno.None, statistics.Errno);
        Assert.Equal(drive.TotalSize, (long)statistics.Value.Blocks * statistics.Value.FragmentSize);
    }

    [SkippableFact]
    public async Task Long_directories_are_listed_whole_and_each_name_once()
    {
        using SambaServer samba = SambaShares.Start();
        List<string> names = [.. Enumerable.Range(0, 5000).Select(number => $"file with a longer name than most, number {number:0000}")];
        names.ForEach(name => File.WriteAllText(samba.At(name), ""));
        await using Tree tree = await samba.OpenAsync();
        Assert.Equal(names, await tree.ListAsync());
    }

    [SkippableFact]
    public async Task Cases_are_told_apart_though_the_server_does_not()
    {
        using SambaServer samba = SambaShares.Start();
        await File.WriteAllTextAsync(samba.At("Name"), "x");
        await using Tree tree = await samba.OpenAsync(options: "ttl=0");
        Assert.NotEqual(0UL, (await tree.FindAsync("Name")).Inode);
        Assert.Equal(0UL, (await tree.FindAsync("name")).Inode);
        Assert.Equal(Errno.EEXIST, (await tree.TryCreateAsync("name")).Errno);
    }

    [SkippableFact]
    public async Task What_another_client_changes_shows_once_the_time_is_over()
    {
        using SambaServer samba = SambaShares.Start();
        await File.WriteAllTextAsync(samba.At("file"), "old");
        await using Tree tree = await samba.OpenAsync(options: "ttl=0");
        Assert.Equal("old", await tree.ReadTextAsync("file"));
        await File.WriteAllTextAsync(samba.At("file"), "newer");
        Assert.Equal("newer", await tree.ReadTextAsync("file"));
        samba.Client("del file").Succeeded();
        Assert.Equal(0UL, (await tree.FindAsync("file")).Inode);
    }

    [SkippableFact]
    public async Task A_directory_of_a_share_can_be_opened_and_what_is_not_there_cannot()
    {
        using SambaServer samba = SambaShares.Start();
        Directory.CreateDirectory(samba.At("a/b"));
        await File.WriteAllTextAsync(samba.At("a/b/c"), "deep");
        await using (Tree tree = await samba.OpenAsync("/a/b"))
        {
            Assert.Equal("deep", await tree.ReadTextAsync("c"));
        }
        await AssertRefusedAsync(() => samba.OpenAsync("/a/none"), "no such directory");
        await AssertRefusedAsync(() => samba.OpenAsync("/a/b/c"), "it is a file");
        await AssertRefusedAsync(() => samba.OpenAsync(share: "none"), "no share 'none'");
        await AssertRefusedAsync(() => samba.OpenAsync(share: "denied"), "may not use the share");
        await AssertRefusedAsync(() => samba.OpenAsync(share: "IPC$"), "has no files");
        await AssertRefusedAsync(() => samba.OpenAsync(port: 1), "nothing listens at port 1");
        await AssertRefusedAsync(() => samba.OpenAsync(options: "user=nobody-here"), "guest");
        Environment.SetEnvironmentVariable("KALEIDOFS_TEST_WRONG", "wrong password");
        await AssertRefusedAsync(() => samba.OpenAsync(options: "password-env=KALEIDOFS_TEST_WRONG"), "password is wrong");
    }

    [SkippableFact]
    public async Task A_server_that_cannot_encrypt_is_refused_where_that_is_a_must()
    {
        using SambaServer samba = SambaShares.Start(Plain);
        await AssertRefusedAsync(() => samba.OpenAsync(options: "protection=encrypt"), "cannot encrypt");
        await AssertRefusedAsync(() => samba.OpenAsync(options: ["protection=encrypt", "vers=2.1"]), "cannot encrypt");
    }

    [SkippableFact]
    public async Task Guests_are_let_in_where_both_sides_want_them()
    {
        using SambaServer samba = SambaShares.Start("guest ok = yes\nforce user = root");
        await File.WriteAllTextAsync(samba.At("public"), "for all");
        await using (Tree tree = await samba.OpenAsync(options: ["guest", "user=nobody-here"]))
        {
            Assert.Equal("for all", await tree.ReadTextAsync("public"));
        }
        await using (Tree tree = await samba.OpenAsync(options: "anonymous"))
        {
            Assert.Equal("for all", await tree.ReadTextAsync("public"));
        }
    }

    private static async Task AssertRefusedAsync(Func<Task<Tree>> open, string reason)
    {
        SourceException exception = await Assert.ThrowsAsync<SourceException>(open);
        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(SambaServer.Password, exception.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain('\n', exception.Message);
    }
}
