using Kaleidofs.Drivers.Smb;

namespace Kaleidofs.Tests.Servers.Smb;

/// <summary>What others change shows when the server says so, long before the time is over for which it would be believed.</summary>
public sealed class WatchTests
{
    private const string Long = "ttl=3600";

    [SkippableTheory]
    [InlineData("protection=encrypt")]
    [InlineData("protection=sign")]
    [InlineData("protection=none")]
    public async Task What_others_change_shows_without_waiting(string options)
    {
        using SambaServer samba = SambaShares.Start();
        Directory.CreateDirectory(samba.At("d/e"));
        await File.WriteAllTextAsync(samba.At("d/e/file"), "old");
        string local = samba.At("../local");
        await File.WriteAllTextAsync(local, "longer than before");
        await using Tree tree = await OpenWatchedAsync(samba, options: [options, Long]);
        Assert.Equal(3UL, (await tree.FindAsync("d/e/file")).Size);
        Assert.Equal(0UL, (await tree.FindAsync("d/e/new")).Inode);
        Assert.Equal(["file"], await tree.ListAsync("d/e"));
        samba.Client($"cd d\\e; put {local} file").Succeeded();
        await UntilAsync(async () => (await tree.FindAsync("d/e/file")).Size == 18);
        Assert.Equal("longer than before", await tree.ReadTextAsync("d/e/file"));
        samba.Client($"cd d\\e; put {local} new").Succeeded();
        await UntilAsync(async () => (await tree.FindAsync("d/e/new")).Size == 18);
        Assert.Equal(["file", "new"], await tree.ListAsync("d/e"));
        samba.Client("cd d\\e; rename new other").Succeeded();
        await UntilAsync(async () => (await tree.FindAsync("d/e/new")).Inode == 0 && (await tree.FindAsync("d/e/other")).Inode != 0);
        samba.Client("cd d\\e; del file").Succeeded();
        await UntilAsync(async () => (await tree.FindAsync("d/e/file")).Inode == 0);
        Assert.Equal(["other"], await tree.ListAsync("d/e"));
    }

    [SkippableFact]
    public async Task What_is_below_a_directory_that_others_replace_is_asked_for_anew()
    {
        using SambaServer samba = SambaShares.Start();
        Directory.CreateDirectory(samba.At("a/deep"));
        Directory.CreateDirectory(samba.At("b/deep"));
        await File.WriteAllTextAsync(samba.At("a/deep/file"), "of a");
        await File.WriteAllTextAsync(samba.At("b/deep/file"), "of b, longer");
        await using Tree tree = await OpenWatchedAsync(samba, options: [Long]);
        Assert.Equal(4UL, (await tree.FindAsync("a/deep/file")).Size);
        samba.Client("rename a old; rename b a").Succeeded();
        await UntilAsync(async () => (await tree.FindAsync("a/deep/file")).Size == 12);
        Assert.Equal(["a/", "old/"], await tree.ListAsync());
    }

    [SkippableFact]
    public async Task Nothing_is_asked_twice_while_nothing_changes()
    {
        using SambaServer samba = SambaShares.Start();
        Directory.CreateDirectory(samba.At("d"));
        await File.WriteAllTextAsync(samba.At("d/file"), "content");
        await using Tree tree = await OpenWatchedAsync(samba, options: [Long]);
        await tree.ListAsync("d");
        await tree.FindAsync("d/file");
        await tree.FindAsync("d/absent");
        long before = Requests(tree);
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(7UL, (await tree.FindAsync("d/file")).Size);
            Assert.Equal(0UL, (await tree.FindAsync("d/absent")).Inode);
            Assert.Equal(["file"], await tree.ListAsync("d"));
        }
        Assert.Equal(before, Requests(tree));
    }

    [SkippableFact]
    public async Task The_kernel_is_told_to_ask_again_soon_where_changes_are_told_and_not_where_they_are_not()
    {
        using SambaServer samba = SambaShares.Start();
        await File.WriteAllTextAsync(samba.At("file"), "content");
        await using (Tree watched = await OpenWatchedAsync(samba, options: [Long]))
        {
            Assert.InRange((await watched.FileSystem.LookupAsync(default, FileSystem.RootInode, "file"u8.ToArray())).Value.AttributeTime.Milliseconds, 1u, 100u);
        }
        await using Tree unwatched = await samba.OpenAsync(options: [Long, "notify=off"]);
        Assert.InRange((await unwatched.FileSystem.LookupAsync(default, FileSystem.RootInode, "file"u8.ToArray())).Value.AttributeTime.Milliseconds, 3_000_000u, 3_600_000u);
    }

    [SkippableFact]
    public void A_mount_shows_what_others_change_without_waiting()
    {
        Skip.If(HostProcess.MountMissing is not null, HostProcess.MountMissing);
        using SambaServer samba = SambaShares.Start();
        string local = samba.At("../local");
        File.WriteAllText(local, "longer than before");
        File.WriteAllText(samba.At("file"), "old");
        using HostProcess host = HostProcess.Mount(samba.Source, "-o", $"user={samba.User},{Long}");
        string mounted = Path.Combine(host.Place, "file");
        Assert.Equal("old", File.ReadAllText(mounted));
        samba.Client($"put {local} file").Succeeded();
        var deadline = Deadline.After(TimeSpan.FromMinutes(1));
        while (File.ReadAllText(mounted) != "longer than before")
        {
            Assert.False(deadline.HasPassed, "what another changed was not seen");
            Thread.Sleep(10);
        }
    }

    [SkippableFact]
    public async Task A_broken_connection_is_watched_anew_and_what_was_missed_is_asked_for()
    {
        using SambaServer samba = SambaShares.Start();
        using FaultyProxy proxy = new($"http://127.0.0.1:{samba.Port}");
        await File.WriteAllTextAsync(samba.At("file"), "old");
        string local = samba.At("../local");
        await File.WriteAllTextAsync(local, "longer than before");
        await using Tree tree = await OpenWatchedAsync(samba, new Uri(proxy.Endpoint).Port, Long);
        Assert.Equal(3UL, (await tree.FindAsync("file")).Size);
        proxy.IsDown = true;
        samba.Client($"put {local} file").Succeeded();
        proxy.IsDown = false;
        await UntilAsync(async () => (await tree.FindAsync("file")).Size == 18);
        // And it goes on.
        await File.WriteAllTextAsync(local, "again");
        samba.Client($"put {local} file").Succeeded();
        await UntilAsync(async () => (await tree.FindAsync("file")).Size == 5);
    }

    [SkippableFact]
    public async Task What_is_written_here_is_read_here_while_changes_are_told()
    {
        using SambaServer samba = SambaShares.Start();
        await using Tree tree = await OpenWatchedAsync(samba, options: [Long]);
        (ulong Inode, ulong Handle) file = await tree.CreateAsync("file");
        for (int i = 0; i < 200; i++)
        {
            await tree.WriteAsync(file, i * 10, "0123456789");
            Assert.Equal((ulong)(i + 1) * 10, (await tree.FindAsync("file")).Size);
        }
        await tree.FileSystem.ReleaseAsync(default, file.Inode, file.Handle);
        Assert.Equal(2000UL, (await tree.FindAsync("file")).Size);
        for (int i = 0; i < 100; i++)
        {
            await tree.PutAsync("name", "x");
            Assert.NotEqual(0UL, (await tree.FindAsync("name")).Inode);
            Assert.Equal(Errno.None, await tree.RenameAsync("name", "other"));
            Assert.Equal(0UL, (await tree.FindAsync("name")).Inode);
            Assert.Equal(Errno.None, await tree.RemoveAsync("other"));
            Assert.Equal(0UL, (await tree.FindAsync("other")).Inode);
            Assert.Equal(["file"], await tree.ListAsync());
        }
    }

    private static long Requests(Tree tree) => ((SmbFileSystem)tree.FileSystem).Requests;

    private static async Task<Tree> OpenWatchedAsync(SambaServer samba, int? port = null, params string[] options)
    {
        Tree tree = await samba.OpenAsync(port: port, options: options);
        await ((SmbFileSystem)tree.FileSystem).IsWatching.WaitAsync(TimeSpan.FromMinutes(1));
        return tree;
    }

    /// <summary>Far less than what is believed for an hour, and as long as a busy machine may need.</summary>
    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        var deadline = Deadline.After(TimeSpan.FromMinutes(1));
        while (!await isSo())
        {
            Assert.False(deadline.HasPassed, "what another changed was not seen");
            await Task.Delay(10);
        }
    }
}
