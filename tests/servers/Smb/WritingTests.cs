using System.Globalization;
using System.Text;

namespace Kaleidofs.Tests.Servers.Smb;

public sealed class WritingTests
{
    [SkippableTheory]
    [InlineData("protection=encrypt")]
    [InlineData("protection=sign")]
    [InlineData("protection=none")]
    public async Task What_is_written_is_there(string options)
    {
        using SambaServer samba = SambaShares.Start();
        byte[] content = new byte[3_000_001];
        new Random(1).NextBytes(content);
        await using Tree tree = await samba.OpenAsync(options: options);
        Assert.Equal(Errno.None, await tree.MakeDirectoryAsync("d"));
        Assert.Equal(Errno.EEXIST, await tree.MakeDirectoryAsync("d"));
        await tree.PutAsync("d/file", content);
        Assert.Equal(content, await File.ReadAllBytesAsync(samba.At("d/file")));
        (ulong Inode, ulong Handle) file = await tree.CreateAsync("d/file");
        await tree.WriteAsync(file, 1000, "in the middle");
        await tree.WriteAsync(file, content.Length + 10, "behind the end");
        Assert.Equal(Errno.None, await tree.FileSystem.SyncAsync(default, file.Inode, file.Handle, false));
        Assert.Equal((ulong)content.Length + 24, (await tree.FindAsync("d/file")).Size);
        byte[] now = await File.ReadAllBytesAsync(samba.At("d/file"));
        Assert.Equal("in the middle", Encoding.ASCII.GetString(now, 1000, 13));
        Assert.Equal("\0\0behind the end", Encoding.ASCII.GetString(now, content.Length + 8, 16));
        Assert.Equal(Errno.None, await tree.ChangeAsync("d/file", new AttributeChange { Size = 7, Handle = file.Handle }));
        await tree.FileSystem.ReleaseAsync(default, file.Inode, file.Handle);
        Assert.Equal(7, new FileInfo(samba.At("d/file")).Length);
        Assert.Equal(7UL, (await tree.FindAsync("d/file")).Size);
    }

    [SkippableFact]
    public async Task Renames_replace_and_removals_leave_open_files_readable()
    {
        using SambaServer samba = SambaShares.Start();
        await using Tree tree = await samba.OpenAsync();
        await tree.PutAsync("a", "first");
        await tree.PutAsync("b", "second");
        Assert.Equal(Errno.None, await tree.RenameAsync("a", "b"));
        Assert.Equal("first", await File.ReadAllTextAsync(samba.At("b")));
        Assert.False(File.Exists(samba.At("a")));
        await tree.PutAsync("c", "third");
        Assert.Equal(Errno.EEXIST, await tree.RenameAsync("c", "b", RenameOptions.NoReplace));
        // What is replaced and what is removed go on for who has them open.
        ulong inode = await tree.GetInodeAsync("b");
        ulong handle = await tree.OpenAsync("b");
        Assert.Equal(Errno.None, await tree.RenameAsync("c", "b"));
        ArrayPayloadWriter content = new(100);
        Assert.Equal(Errno.None, await tree.FileSystem.ReadAsync(default, inode, handle, 0, content));
        Assert.Equal("first", Encoding.ASCII.GetString(content.Content.Span));
        ulong other = await tree.GetInodeAsync("b");
        ulong second = await tree.OpenAsync("b");
        Assert.Equal(Errno.None, await tree.RemoveAsync("b"));
        Assert.Equal(Errno.ENOENT, await tree.RemoveAsync("b"));
        Assert.Empty(await tree.ListAsync());
        await tree.PutAsync("b", "another of the name");
        content.Clear();
        Assert.Equal(Errno.None, await tree.FileSystem.ReadAsync(default, other, second, 0, content));
        Assert.Equal("third", Encoding.ASCII.GetString(content.Content.Span));
        await tree.FileSystem.ReleaseAsync(default, inode, handle);
        await tree.FileSystem.ReleaseAsync(default, other, second);
        Assert.Equal([samba.At("b")], Directory.GetFileSystemEntries(samba.Share));
    }

    [SkippableFact]
    public async Task Directories_are_removed_when_empty_and_renamed_with_what_is_in_them()
    {
        using SambaServer samba = SambaShares.Start();
        await using Tree tree = await samba.OpenAsync();
        await tree.MakeDirectoryAsync("d");
        await tree.MakeDirectoryAsync("d/e");
        await tree.PutAsync("d/e/f", "x");
        Assert.Equal(Errno.ENOTEMPTY, await tree.RemoveAsync("d", isDirectory: true));
        Assert.Equal(Errno.EINVAL, await tree.RenameAsync("d", "d/e/inside"));
        Assert.Equal(Errno.None, await tree.RenameAsync("d", "new"));
        Assert.Equal("x", await tree.ReadTextAsync("new/e/f"));
        await tree.MakeDirectoryAsync("empty");
        Assert.Equal(Errno.None, await tree.RenameAsync("new", "empty"));
        Assert.Equal("x", await File.ReadAllTextAsync(samba.At("empty/e/f")));
        Assert.Equal(Errno.ENOTDIR, await tree.RemoveAsync("empty/e/f", isDirectory: true));
        Assert.Equal(Errno.EISDIR, await tree.RemoveAsync("empty"));
        Assert.Equal(Errno.None, await tree.RemoveAsync("empty/e/f"));
        Assert.Equal(Errno.None, await tree.RemoveAsync("empty/e", isDirectory: true));
        Assert.Equal(Errno.None, await tree.RemoveAsync("empty", isDirectory: true));
        Assert.Empty(Directory.GetFileSystemEntries(samba.Share));
    }

    [SkippableFact]
    public async Task Times_and_the_write_permission_are_kept_by_the_server()
    {
        using SambaServer samba = SambaShares.Start();
        await using Tree tree = await samba.OpenAsync(options: "ttl=0");
        await tree.PutAsync("file", "x");
        Timestamp time = new(1234567890, 123_456_700);
        Assert.Equal(Errno.None, await tree.ChangeAsync("file", new AttributeChange { ModificationTime = time }));
        Assert.Equal(time, (await tree.FindAsync("file")).ModificationTime);
        Assert.Equal(1234567890, new DateTimeOffset(File.GetLastWriteTimeUtc(samba.At("file")), TimeSpan.Zero).ToUnixTimeSeconds());
        Assert.Equal(Errno.None, await tree.ChangeAsync("file", new AttributeChange { Mode = 0x124 }));
        Assert.Equal(FileType.Regular | 0x124, (await tree.FindAsync("file")).Mode);
        Assert.Equal(Errno.None, await tree.ChangeAsync("file", new AttributeChange { Mode = 0x1A4 }));
        Assert.Equal(FileType.Regular | 0x1A4, (await tree.FindAsync("file")).Mode);
        Assert.Equal(Errno.None, await tree.ChangeAsync("file", new AttributeChange { Mode = 0x124 }));
        Assert.Equal(Errno.None, await tree.RemoveAsync("file"));
        await tree.PutAsync("file", "x");
        Assert.Equal(Errno.EPERM, await tree.ChangeAsync("file", new AttributeChange { UserId = 4711 }));
    }

    [SkippableFact]
    public async Task Names_that_smb_forbids_are_kept_as_other_clients_keep_them()
    {
        using SambaServer samba = SambaShares.Start();
        await using Tree tree = await samba.OpenAsync();
        string[] names = ["a:b", "what?", "c*d", "e|f", "<g>", "\"h\"", "back\\slash", "dot.", "space ", "größe"];
        foreach (string name in names)
        {
            await tree.PutAsync(name, name);
        }
        Assert.Equal(names.Order(StringComparer.Ordinal), await tree.ListAsync());
        Assert.True(File.Exists(samba.At("a\uF022b")));
        await using Tree again = await samba.OpenAsync();
        foreach (string name in names)
        {
            Assert.Equal(name, await again.ReadTextAsync(name));
            Assert.Equal(Errno.None, await again.RemoveAsync(name));
        }
        Assert.Equal(Errno.EINVAL, (await tree.TryCreateAsync("private\uF022")).Errno);
    }

    [SkippableFact]
    public async Task What_another_made_meanwhile_is_opened_rather_than_in_the_way()
    {
        using SambaServer samba = SambaShares.Start();
        await using Tree tree = await samba.OpenAsync(options: "ttl=60");
        Assert.Equal(0UL, (await tree.FindAsync("file")).Inode);
        await File.WriteAllTextAsync(samba.At("file"), "theirs");
        Assert.Equal(Errno.EEXIST, (await tree.TryCreateAsync("file", OpenFlags.ReadWrite | OpenFlags.Create | OpenFlags.Exclusive)).Errno);
        (ulong Inode, ulong Handle) file = await tree.CreateAsync("file");
        await tree.WriteAsync(file, 6, " and ours");
        await tree.CloseAsync(file);
        Assert.Equal("theirs and ours", await File.ReadAllTextAsync(samba.At("file")));
    }

    [SkippableFact]
    public async Task A_read_only_share_says_no()
    {
        using SambaServer samba = SambaShares.Start("[ro]\npath = /usr\nread only = yes");
        await using Tree tree = await samba.OpenAsync(share: "ro");
        Assert.Equal(Errno.EACCES, (await tree.TryCreateAsync("file")).Errno);
    }

    [SkippableTheory]
    [InlineData("protection=encrypt", false)]
    [InlineData("protection=none", true)]
    [InlineData("protection=sign", true)]
    public async Task Whatever_was_confirmed_is_there_and_nothing_else(string options, bool fails)
    {
        int seed = int.TryParse(Environment.GetEnvironmentVariable("KALEIDOFS_SMB_SEED"), out int chosen) ? chosen : 1;
        int steps = int.TryParse(Environment.GetEnvironmentVariable("KALEIDOFS_SMB_STEPS"), out int many) ? many : 600;
        using SambaServer samba = SambaShares.Start();
        using FaultyProxy proxy = new($"http://127.0.0.1:{samba.Port}");
        await using Tree tree = await samba.OpenAsync(port: new Uri(proxy.Endpoint).Port, options: ["ttl=0", options]);
        Random random = new(seed);
        Dictionary<string, byte[]> model = [];
        string[] directories = ["", "d/", "d/e/"];
        Directory.CreateDirectory(samba.At("d/e"));
        using CancellationTokenSource ending = new();
        Task breaking = fails ? BreakAsync(proxy, new Random(seed), ending.Token) : Task.CompletedTask;
        List<string> log = [];
        try
        {
            for (int step = 0; step < steps; step++)
            {
                string path = $"{directories[random.Next(3)]}f{random.Next(4)}";
                string other = $"{directories[random.Next(3)]}f{random.Next(4)}";
                byte[]? before = model.GetValueOrDefault(path);
                byte[] bytes = new byte[random.Next(4) == 0 ? random.Next(300_000) : random.Next(1, 100)];
                random.NextBytes(bytes);
                int what = random.Next(8);
                log.Add(string.Create(CultureInfo.InvariantCulture, $"{step}: {what} {path} {other} {bytes.Length}"));
                switch (what)
                {
                    case 0:
                        await tree.PutAsync(path, bytes);
                        model[path] = bytes;
                        break;
                    case 1 or 2:
                        (ulong Inode, ulong Handle) file = await tree.CreateAsync(path);
                        int at = random.Next((before?.Length ?? 0) + 100);
                        await tree.WriteAsync(file, at, bytes);
                        await tree.CloseAsync(file);
                        byte[] after = before ?? [];
                        if (bytes.Length > 0)
                        {
                            Array.Resize(ref after, Math.Max(after.Length, at + bytes.Length));
                            bytes.CopyTo(after, at);
                        }
                        model[path] = after;
                        break;
                    case 3 when before is not null:
                        int size = random.Next(before.Length + 1000);
                        Assert.Equal(Errno.None, await tree.ChangeAsync(path, new AttributeChange { Size = (ulong)size }));
                        Array.Resize(ref before, size);
                        model[path] = before;
                        break;
                    case 4:
                        Assert.Equal(before is null ? Errno.ENOENT : Errno.None, await tree.RemoveAsync(path));
                        model.Remove(path);
                        break;
                    case 5:
                        Assert.Equal(before is null ? Errno.ENOENT : Errno.None, await tree.RenameAsync(path, other));
                        if (before is not null)
                        {
                            model.Remove(path);
                            model[other] = before;
                        }
                        break;
                    case 6:
                        // Another client, or the server's own machine.
                        await File.WriteAllBytesAsync(samba.At(path), bytes);
                        model[path] = bytes;
                        break;
                    default:
                        if (before is null)
                        {
                            Assert.Equal(0UL, (await tree.FindAsync(path)).Inode);
                        }
                        else
                        {
                            Assert.Equal(before, await tree.ReadAllAsync(path));
                        }
                        break;
                }
            }
            await ending.CancelAsync();
            await breaking;
            Assert.Equal(model.Keys.Order(StringComparer.Ordinal), (await tree.WalkAsync()).Order(StringComparer.Ordinal));
            foreach ((string name, byte[] content) in model)
            {
                Assert.Equal(content, await File.ReadAllBytesAsync(samba.At(name)));
                Assert.Equal(content, await tree.ReadAllAsync(name));
            }
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"seed {seed}\n{string.Join('\n', log.TakeLast(15))}\n{exception.Message}\n{exception.StackTrace}", exception);
        }
    }

    [SkippableFact]
    public async Task A_reset_in_the_middle_costs_time_and_no_error()
    {
        using SambaServer samba = SambaShares.Start();
        using FaultyProxy proxy = new($"http://127.0.0.1:{samba.Port}");
        byte[] content = new byte[20_000_000];
        new Random(1).NextBytes(content);
        await File.WriteAllBytesAsync(samba.At("large"), content);
        await using Tree tree = await samba.OpenAsync(port: new Uri(proxy.Endpoint).Port, options: "protection=none");
        using CancellationTokenSource ending = new();
        Task breaking = BreakAsync(proxy, new Random(1), ending.Token);
        ulong handle = await tree.OpenAsync("large");
        (ulong Inode, ulong Handle) copy = await tree.CreateAsync("copy");
        await Parallel.ForEachAsync(Enumerable.Range(0, 200), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (number, _) =>
        {
            (Errno errno, byte[] part) = await tree.ReadAsync("large", handle, number * 100_000, 100_000);
            Assert.Equal(Errno.None, errno);
            Assert.True(content.AsSpan(number * 100_000, 100_000).SequenceEqual(part), $"part {number}");
            await tree.WriteAsync(copy, number * 100_000, part);
        });
        await ending.CancelAsync();
        await breaking;
        Assert.Equal(Errno.None, await tree.FileSystem.SyncAsync(default, copy.Inode, copy.Handle, false));
        Assert.Equal(content, await File.ReadAllBytesAsync(samba.At("copy")));
        // A file that was replaced while the server was away is not taken for the one that was opened.
        proxy.IsDown = true;
        File.Delete(samba.At("large"));
        await File.WriteAllTextAsync(samba.At("large"), "another");
        proxy.IsDown = false;
        Assert.Equal(Errno.ESTALE, (await tree.ReadAsync("large", handle, 0, 100)).Errno);
    }

    [SkippableFact]
    public async Task A_server_that_stays_away_is_an_error_in_time_and_found_again()
    {
        using SambaServer samba = SambaShares.Start();
        await File.WriteAllTextAsync(samba.At("file"), "here");
        using FaultyProxy proxy = new($"http://127.0.0.1:{samba.Port}");
        await using Tree tree = await samba.OpenAsync(port: new Uri(proxy.Endpoint).Port, options: ["ttl=0", "retry=1"]);
        proxy.IsDown = true;
        Result<Entry> looked = await tree.FileSystem.LookupAsync(default, FileSystem.RootInode, "file"u8.ToArray()).AsTask().WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(Errno.EIO, looked.Errno);
        proxy.IsDown = false;
        Assert.Equal("here", await tree.ReadTextAsync("file"));
    }

    /// <summary>Ever more rarely, so that a machine that takes long to log in gets there some time.</summary>
    private static async Task BreakAsync(FaultyProxy proxy, Random random, CancellationToken cancellationToken)
    {
        for (int longest = 120; !cancellationToken.IsCancellationRequested; longest += longest / 20)
        {
            await Task.Delay(random.Next(20, longest), cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            proxy.IsDown = true;
            proxy.IsDown = false;
        }
    }
}
