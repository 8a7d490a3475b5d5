using System.Diagnostics;
using System.Security.Cryptography;

namespace Kaleidofs.Tests.Servers.S3;

/// <summary>Directories that are renamed within the server.</summary>
[Collection(S3Collection.Name)]
public sealed class RenamingTests(RadosGateway server)
{
    [SkippableFact]
    public async Task A_directory_is_renamed_with_all_that_is_in_it_and_open_in_it()
    {
        using TestBucket bucket = await TestBucket.MakeAsync(server);
        await bucket.PutAsync("d/a", "a", ("other", "kept"));
        await bucket.PutAsync("d/e/b", "b");
        await bucket.PutAsync("d//odd", "odd");
        await bucket.PutAsync("dd", "beside");
        using TemporaryFolder folder = new();
        await using Tree tree = await bucket.OpenAsync(options: ["rename-dir=20", "staging=" + folder.Path]);
        byte[] large = new byte[9 << 20];
        new Random(1).NextBytes(large);
        await tree.PutAsync("d/large", large);
        (ulong Inode, ulong Handle) written = await tree.CreateAsync("d/e/new");
        await tree.WriteAsync(written, 0, "one,");
        ulong inode = await tree.GetInodeAsync("d/e/b");
        ulong reader = await tree.OpenAsync("d/e/b");
        Assert.Equal(Errno.EINVAL, await tree.RenameAsync("d", "d/e/f"));
        await bucket.PutAsync("full/x", "x");
        Assert.Equal(Errno.ENOTEMPTY, await tree.RenameAsync("d", "full"));
        await tree.MakeDirectoryAsync("n");
        Assert.Equal(Errno.None, await tree.RenameAsync("d", "n"));
        Assert.Equal(["dd", "full/x", "n/", "n//odd", "n/a", "n/e/b", "n/e/new", "n/large"], await bucket.GetKeysAsync());
        Assert.Equal("kept", (await bucket.GetMetadataAsync("n/a"))["other"]);
        Assert.Equal(SHA256.HashData(large), SHA256.HashData(await tree.ReadAllAsync("n/large")));
        Assert.Equal(inode, await tree.GetInodeAsync("n/e/b"));
        Assert.Equal("b"u8.ToArray(), (await tree.ReadAsync("n/e/b", reader, 0, 10)).Content);
        await tree.WriteAsync(written, 4, "two");
        Assert.Equal(Errno.None, await tree.CloseAsync(written));
        Assert.Equal("one,two", await bucket.GetTextAsync("n/e/new"));
        Assert.Equal(0u, (await tree.FindAsync("d")).Inode);
        Assert.Equal(["dd", "full/", "n/"], await tree.ListAsync());
        await bucket.PutManyAsync(Enumerable.Range(0, 20).Select(number => $"n/{number}"));
        Assert.Equal(Errno.EXDEV, await tree.RenameAsync("n", "m"));
        Assert.Equal(0u, (await tree.FindAsync("m")).Inode);
    }

    [SkippableFact]
    public async Task A_kill_leaves_a_directory_under_one_of_its_names_after_the_next_start()
    {
        Skip.If(HostProcess.MountMissing is not null, HostProcess.MountMissing);
        using TestBucket bucket = await TestBucket.MakeAsync(server);
        using TemporaryFolder folder = new();
        using FaultyProxy proxy = new(server.Endpoint) { Delay = TimeSpan.FromMilliseconds(4) };
        string[] names = [.. Enumerable.Range(0, 150).Select(number => $"{number % 7}/{number}")];
        foreach (string name in names)
        {
            await bucket.PutAsync($"a/{name}", name);
        }
        Random random = new(1);
        string from = "a";
        List<string> outcomes = [];
        for (int round = 0; round < 6; round++)
        {
            string to = from == "a" ? "b" : "a";
            using (HostProcess host = Mount(bucket, proxy, folder))
            {
                proxy.Requests.Clear();
                Task<CommandResult> moving = Task.Run(() => Shell.Run("mv -T \"$1/$2\" \"$1/$3\"", host.Place, from, to));
                // Somewhere in the copying or in the removing, which begins after some 300 requests.
                int requests = round < 3 ? random.Next(20, 300) : random.Next(320, 700);
                while (proxy.Requests.Count < requests && !moving.IsCompleted)
                {
                    await Task.Delay(1);
                }
                using Process process = Process.GetProcessById(host.Id);
                process.Kill();
                await moving;
            }
            using (HostProcess host = Mount(bucket, proxy, folder))
            {
                List<string> keys = await bucket.GetKeysAsync();
                string now = keys.Any(key => key.StartsWith(from + "/", StringComparison.Ordinal)) ? from : to;
                Assert.Equal(names.Select(name => $"{now}/{name}").Order(StringComparer.Ordinal), keys.Where(key => !key.EndsWith('/')).Order(StringComparer.Ordinal));
                outcomes.Add(now == from ? "undone" : "finished");
                from = now;
                Assert.Empty(Directory.GetFiles(folder.At("pending"), "*.rename"));
            }
        }
        foreach (string name in names)
        {
            Assert.Equal(name, await bucket.GetTextAsync($"{from}/{name}"));
        }
        Assert.Contains("undone", outcomes);
        Assert.Contains("finished", outcomes);
    }

    [SkippableFact]
    public async Task What_another_put_at_the_new_name_is_not_overwritten()
    {
        using TestBucket bucket = await TestBucket.MakeAsync(server);
        await bucket.PutAsync("f", "ours");
        await bucket.PutAsync("g", "old");
        await using Tree tree = await bucket.OpenAsync(options: "ttl=60");
        Assert.Equal(["f", "g"], await tree.ListAsync());
        await bucket.PutAsync("g", "theirs");
        await bucket.PutAsync("h", "theirs");
        Assert.Equal(Errno.EBUSY, await tree.RenameAsync("f", "g"));
        Assert.Equal(Errno.EBUSY, await tree.RenameAsync("f", "h"));
        Assert.Equal(("ours", "theirs", "theirs"), (await bucket.GetTextAsync("f"), await bucket.GetTextAsync("g"), await bucket.GetTextAsync("h")));
        // Now it is known what is there.
        Assert.Equal(Errno.None, await tree.RenameAsync("f", "g"));
        Assert.Equal("ours", await tree.ReadTextAsync("g"));
    }

    private static HostProcess Mount(TestBucket bucket, FaultyProxy proxy, TemporaryFolder staging)
        => HostProcess.Mount(bucket.Source, "-o", $"endpoint={proxy.Endpoint},staging={staging.Path},rename-dir=1000,ttl=0");
}
