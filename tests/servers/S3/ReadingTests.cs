using System.Security.Cryptography;
using Kaleidofs.Caching;
using Kaleidofs.Host.Linux;
using Kaleidofs.Tests.Support.Memory;

namespace Kaleidofs.Tests.Servers.S3;

/// <summary>Names, attributes and content of a real server's buckets.</summary>
[Collection(S3Collection.Name)]
public sealed class ReadingTests(RadosGateway server)
{
    [SkippableFact]
    public async Task Keys_are_a_tree_by_their_slashes_with_sizes_and_times_from_the_listing_alone()
    {
        using TestBucket bucket = await TestBucket.MakeAsync(server);
        await bucket.PutAsync("a.txt", "hello");
        await bucket.PutAsync("d/b.txt", "hello, b");
        await bucket.PutAsync("d/e/c.txt", "hello, c!");
        await bucket.PutAsync("empty/", "");
        using FaultyProxy proxy = new(server.Endpoint);
        await using Tree tree = await bucket.OpenAsync(endpoint: proxy.Endpoint);
        Assert.Equal(["a.txt", "d/", "empty/"], await tree.ListAsync());
        Assert.Equal(["b.txt", "e/"], await tree.ListAsync("d"));
        Assert.Empty(await tree.ListAsync("empty"));
        Attributes attributes = await tree.FindAsync("d/b.txt");
        Assert.Equal((8u, FileType.Regular | 0x1A4u, 1u), (attributes.Size, attributes.Mode, attributes.LinkCount));
        Assert.InRange(attributes.ModificationTime.Seconds, DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 600, DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 1);
        Assert.Equal("hello, b", await tree.ReadTextAsync("d/b.txt"));
        Assert.Equal(0, proxy.Count("HEAD"));
        Assert.Equal(0u, (await tree.FindAsync("absent")).Inode);
        Assert.Equal("hello, c!", await tree.ReadTextAsync("d/e/c.txt"));
    }

    [SkippableFact]
    public async Task What_a_process_has_read_the_next_has_from_disk_without_a_request_and_damage_is_got_anew()
    {
        const int Step = 128 << 10;
        using TestBucket bucket = await TestBucket.MakeAsync(server);
        byte[] content = RandomNumberGenerator.GetBytes((5 << 20) + 12_345);
        await bucket.PutAsync("f", content);
        string request = $"GET /{bucket.Name}/f";
        using FaultyProxy proxy = new(server.Endpoint);
        using TemporaryFolder folder = new();
        ContentCache open() => new(64 << 20, new DiskTier(folder.At("blocks"), DiskTier.DefaultBound, new DiskReader(), DriverLog.Silent));
        using (ContentCache first = open())
        {
            await using Tree tree = await bucket.OpenAsync(endpoint: proxy.Endpoint, cache: first);
            Assert.Equal(content, await tree.ReadAllAsync("f"));
        }
        int before = proxy.Count(request);
        Assert.NotEqual(0, before);
        using (ContentCache second = open())
        {
            await using Tree tree = await bucket.OpenAsync(endpoint: proxy.Endpoint, cache: second);
            Assert.Equal(content, await tree.ReadAllAsync("f"));
            PagedPayload pages = new(Step);
            Assert.Equal(Errno.None, await tree.FileSystem.ReadAsync(default, await tree.GetInodeAsync("f"), await tree.OpenAsync("f"), Step, pages));
            Assert.Equal(content.AsSpan(Step, Step), pages.Content.AsSpan());
            Assert.Equal(content, await tree.ReadAllAsync("f", step: 100_000));
            Assert.Equal(before, proxy.Count(request));
        }
        string file = Assert.Single(Directory.GetFiles(folder.At("blocks"), "*.blocks"));
        byte[] kept = File.ReadAllBytes(file);
        for (int at = 100_000; at < kept.Length; at += 200_000)
        {
            kept[at] ^= 0x40;
        }
        File.WriteAllBytes(file, kept);
        using ContentCache third = open();
        await using Tree damaged = await bucket.OpenAsync(endpoint: proxy.Endpoint, cache: third);
        Assert.Equal(content, await damaged.ReadAllAsync("f"));
        Assert.True(proxy.Count(request) > before);
    }

    [SkippableFact]
    public async Task A_prefix_is_the_root()
    {
        using TestBucket bucket = await TestBucket.MakeAsync(server);
        await bucket.PutManyAsync(["p/q/one", "p/q/d/two", "p/qq", "p/q"]);
        await using Tree tree = await bucket.OpenAsync("p/q");
        Assert.Equal(["d/two", "one"], await tree.WalkAsync());
    }

    [SkippableFact]
    public async Task Odd_keys_are_shown_under_names_that_lead_to_them()
    {
        using TestBucket bucket = await TestBucket.MakeAsync(server);
        string longName = new string('n', 300);
        string longDirectory = new string('é', 200);
        Dictionary<string, string> shown = new()
        {
            ["both"] = "both=s3:file=",
            ["both/in"] = "both/in",
            ["both-between"] = "both-between",
            ["d//x"] = "d/=s3:empty=/x",
            ["d//"] = "",
            ["d/./y"] = "d/=s3:dot=/y",
            ["d/../z"] = "d/=s3:dotdot=/z",
            ["d/."] = "d/=s3:dot==s3:file=",
            ["full/"] = "full/=s3:empty=",
            ["marker/"] = "",
            ["=s3:dot="] = "=s3:self=dot=",
            ["sp ace+%20é"] = "sp ace+%20é",
            ["é dir+%/\U0001F600"] = "é dir+%/\U0001F600",
            ["ctl\u0001"] = "ctl\u0001",
            ["l.rclonelink"] = "l",
            ["f.rclonelink"] = "f.rclonelink",
            ["f"] = "f",
            ["g.rclonelink"] = "g.rclonelink",
            ["g/x"] = "g/x",
            ["h.rclonelink"] = "h.rclonelink=s3:file=",
            ["h.rclonelink/x"] = "h.rclonelink/x",
        };
        foreach (string key in shown.Keys)
        {
            await bucket.PutAsync(key, key is "marker/" or "d//" ? "" : key);
        }
        await bucket.PutAsync(longName, "long");
        await bucket.PutAsync($"{longDirectory}/in", "deep");
        // Once found by a listing, once by name.
        await using (Tree tree = await bucket.OpenAsync())
        {
            List<string> files = await tree.WalkAsync();
            string[] longs = [.. files.Where(name => name.Contains("=s3:long-", StringComparison.Ordinal))];
            Assert.Equal(shown.Values.Where(name => name.Length > 0).Order(StringComparer.Ordinal), files.Except(longs).Order(StringComparer.Ordinal));
            Assert.Equal(2, longs.Length);
            await CheckAsync(tree, longs);
        }
        await using (Tree tree = await bucket.OpenAsync(options: "ttl=0"))
        {
            string[] longs = [.. (await tree.WalkAsync()).Where(name => name.Contains("=s3:long-", StringComparison.Ordinal))];
            await using Tree fresh = await bucket.OpenAsync(options: "ttl=0");
            await CheckAsync(fresh, longs);
            foreach (string absent in (string[])["both=s3:file==s3:file=", "f=s3:file=", "l.rclonelink", "h", "d/=s3:nul=", "=s3:dot=", "=s3:bad", "marker/=s3:empty=", longName[..200]])
            {
                Assert.Equal(0u, (await fresh.FindAsync(absent)).Inode);
            }
            Assert.True((await fresh.FindAsync("both")).IsDirectory);
            Assert.True((await fresh.FindAsync("marker")).IsDirectory);
        }

        async Task CheckAsync(Tree tree, string[] longs)
        {
            foreach ((string key, string name) in shown.Where(pair => pair.Value.Length > 0))
            {
                Attributes found = await tree.FindAsync(name);
                Assert.True(found.Inode > 0, name);
                if (name == "l")
                {
                    Assert.True(found.IsSymbolicLink);
                    Assert.Equal("l.rclonelink"u8.ToArray(), (await tree.FileSystem.ReadLinkAsync(default, found.Inode)).Value.ToArray());
                }
                else
                {
                    Assert.Equal(key, await tree.ReadTextAsync(name));
                }
            }
            Assert.Equal(["deep", "long"], (await Task.WhenAll(longs.Select(tree.ReadTextAsync))).Order());
        }
    }

    [SkippableFact]
    public async Task A_file_and_a_directory_of_one_name_are_told_apart_though_pages_lie_between_them()
    {
        using TestBucket bucket = await TestBucket.MakeAsync(server);
        await bucket.PutManyAsync([.. Enumerable.Range(0, 2100).Select(number => $"a-{number:D5}"), "a", "a/x", "b"]);
        await using Tree tree = await bucket.OpenAsync();
        List<string> names = await tree.ListAsync();
        Assert.Equal(2103, names.Count);
        Assert.Equal(["a-00000", "a-00001"], names.Take(2));
        Assert.Equal(["a/", "a=s3:file=", "b"], names.TakeLast(3));
    }

    [SkippableFact]
    public async Task Metadata_of_s3fs_and_rclone_is_owner_mode_and_time()
    {
        using TestBucket bucket = await TestBucket.MakeAsync(server);
        await bucket.PutAsync("f", "x", ("mode", "33152"), ("uid", "1000"), ("gid", "1001"), ("mtime", "1700000000.250000000"));
        await bucket.PutAsync("d/", "", ("mode", "16832"), ("uid", "7"), ("mtime", "1600000000"));
        await bucket.PutAsync("bad", "x", ("mode", "rwx"), ("uid", "-1"), ("mtime", "9e99"));
        await using Tree tree = await bucket.OpenAsync();
        Attributes file = await tree.FindAsync("f");
        Assert.Equal((FileType.Regular | 0x180u, 1000u, 1001u, new Timestamp(1_700_000_000, 250_000_000)), (file.Mode, file.UserId, file.GroupId, file.ModificationTime));
        Attributes directory = await tree.FindAsync("d");
        Assert.Equal((FileType.Directory | 0x1C0u, 7u, new Timestamp(1_600_000_000)), (directory.Mode, directory.UserId, directory.ModificationTime));
        Assert.Equal((FileType.Regular | 0x1A4u, 0u), ((await tree.FindAsync("bad")).Mode, (await tree.FindAsync("bad")).UserId));
        // A listing, which tells less, takes nothing away.
        await tree.ListAsync();
        Assert.Equal(1000u, (await tree.FindAsync("f")).UserId);
    }

    [SkippableTheory]
    [InlineData(0, 4096)]
    [InlineData(1, 4096)]
    [InlineData(65536, 4096)]
    [InlineData(65537, 131072)]
    [InlineData(20_000_001, 131072)]
    [InlineData(20_000_001, 1000)]
    [InlineData(3_000_000, 1048576)]
    public async Task All_bytes_are_read_as_they_are(int size, int step)
    {
        using TestBucket bucket = await TestBucket.MakeAsync(server);
        byte[] content = new byte[size];
        new Random(size).NextBytes(content);
        await bucket.PutAsync("f", content);
        await using Tree tree = await bucket.OpenAsync();
        Assert.Equal(SHA256.HashData(content), SHA256.HashData(await tree.ReadAllAsync("f", step)));
    }

    [SkippableFact]
    public async Task Reads_here_and_there_at_once_get_their_own_bytes_and_each_block_once()
    {
        using TestBucket bucket = await TestBucket.MakeAsync(server);
        byte[] content = new byte[10_000_000];
        new Random(3).NextBytes(content);
        await bucket.PutAsync("f", content);
        using FaultyProxy proxy = new(server.Endpoint);
        await using Tree tree = await bucket.OpenAsync(endpoint: proxy.Endpoint, options: "readahead=0");
        ulong handle = await tree.OpenAsync("f");
        await Parallel.ForEachAsync(Enumerable.Range(0, 400), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (seed, _) =>
        {
            Random random = new(seed);
            int offset = random.Next(content.Length);
            (Errno errno, byte[] read) = await tree.ReadAsync("f", handle, offset, random.Next(1, 200_000));
            Assert.Equal(Errno.None, errno);
            Assert.True(read.AsSpan().SequenceEqual(content.AsSpan(offset, read.Length)));
        });
        long bytes = proxy.Requests.Where(request => request.Contains("Range:", StringComparison.OrdinalIgnoreCase)).Sum(request =>
        {
            string[] ends = request.Split('=')[^1].Trim().Split('-');
            return long.Parse(ends[1]) - long.Parse(ends[0]) + 1;
        });
        Assert.InRange(bytes, content.Length / 2, content.Length * 3 / 2);
        Assert.Equal((Errno.None, 0), ((await tree.ReadAsync("f", handle, 10_000_000, 10)).Errno, (await tree.ReadAsync("f", handle, 20_000_000, 10)).Content.Length));
    }

    [SkippableFact]
    public async Task A_small_read_gets_no_more_than_its_block()
    {
        using TestBucket bucket = await TestBucket.MakeAsync(server);
        await bucket.PutAsync("f", new byte[8 << 20]);
        using FaultyProxy proxy = new(server.Endpoint);
        await using Tree tree = await bucket.OpenAsync(endpoint: proxy.Endpoint);
        ulong handle = await tree.OpenAsync("f");
        Assert.Equal(4096, (await tree.ReadAsync("f", handle, 5 << 20, 4096)).Content.Length);
        Assert.Equal(4096, (await tree.ReadAsync("f", handle, 2 << 20, 4096)).Content.Length);
        Assert.EndsWith("bytes=5242880-5308415", Assert.Single(proxy.Requests, request => request.Contains("5242880", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Equal(2, proxy.Requests.Count(request => request.Contains("Range", StringComparison.OrdinalIgnoreCase)));
    }

    [SkippableFact]
    public async Task An_object_that_is_replaced_or_removed_is_stale_and_never_mixed()
    {
        using TestBucket bucket = await TestBucket.MakeAsync(server);
        byte[] first = new byte[4 << 20];
        Array.Fill(first, (byte)1);
        byte[] second = new byte[4 << 20];
        Array.Fill(second, (byte)2);
        await bucket.PutAsync("f", first);
        await using Tree tree = await bucket.OpenAsync(options: ["ttl=0", "readahead=0"]);
        ulong handle = await tree.OpenAsync("f");
        Assert.Equal(first[..4096], (await tree.ReadAsync("f", handle, 0, 4096)).Content);
        await bucket.PutAsync("f", second);
        Assert.Equal(Errno.ESTALE, (await tree.ReadAsync("f", handle, 1 << 20, 4096)).Errno);
        // What was read before may still be read, as it was.
        Assert.Equal(first[..4096], (await tree.ReadAsync("f", handle, 0, 4096)).Content);
        Assert.Equal(second, await tree.ReadAllAsync("f"));
        ulong inode = await tree.GetInodeAsync("f");
        ulong again = await tree.OpenAsync("f");
        await bucket.DeleteAsync("f");
        ArrayPayloadWriter rest = new(4096);
        Assert.Equal(Errno.ESTALE, await tree.FileSystem.ReadAsync(default, inode, handle, 3 << 20, rest));
        Assert.Equal(Errno.None, await tree.FileSystem.ReadAsync(default, inode, again, 0, rest));
        Assert.Equal(0u, (await tree.FindAsync("f")).Inode);
        Assert.Equal(Errno.ESTALE, (await tree.FileSystem.GetAttributesAsync(default, inode, null)).Errno);
    }

    [SkippableFact]
    public async Task Two_mounts_share_what_one_has_read()
    {
        using TestBucket bucket = await TestBucket.MakeAsync(server);
        byte[] content = new byte[5_000_000];
        new Random(5).NextBytes(content);
        await bucket.PutAsync("d/f", content);
        using ContentCache cache = new();
        await using Tree first = await bucket.OpenAsync(cache: cache);
        Assert.Equal(content, await first.ReadAllAsync("d/f"));
        using FaultyProxy proxy = new(server.Endpoint);
        await using Tree second = await bucket.OpenAsync("d", endpoint: proxy.Endpoint, cache: cache);
        // The proxy is another endpoint, so nothing is shared by its name alone.
        Assert.Equal(content, await second.ReadAllAsync("f"));
        Assert.NotEqual(0, proxy.Requests.Count(request => request.Contains("Range", StringComparison.OrdinalIgnoreCase)));
        proxy.Requests.Clear();
        await using Tree third = await bucket.OpenAsync(endpoint: proxy.Endpoint, cache: cache);
        Assert.Equal(content, await third.ReadAllAsync("d/f"));
        Assert.Equal(0, proxy.Requests.Count(request => request.Contains("Range", StringComparison.OrdinalIgnoreCase)));
    }

    [SkippableFact]
    public async Task Broken_streams_and_busy_servers_are_tried_again()
    {
        using TestBucket bucket = await TestBucket.MakeAsync(server);
        byte[] content = new byte[12_000_000];
        new Random(6).NextBytes(content);
        await bucket.PutAsync("f", content);
        using FaultyProxy proxy = new(server.Endpoint);
        int requests = 0;
        proxy.Choose = _ => Interlocked.Increment(ref requests) switch
        {
            2 or 5 or 9 => new FaultyProxy.Fault("503 Slow Down"),
            4 => new FaultyProxy.Fault(null, CutAfter: 700_000),
            7 => new FaultyProxy.Fault(null, CutAfter: 100),
            _ => null,
        };
        await using Tree tree = await bucket.OpenAsync(endpoint: proxy.Endpoint);
        Assert.Equal(SHA256.HashData(content), SHA256.HashData(await tree.ReadAllAsync("f")));
        Assert.True(requests > 9);
    }

    [SkippableFact]
    public async Task A_server_that_goes_away_is_an_error_in_time_and_recovers()
    {
        using TestBucket bucket = await TestBucket.MakeAsync(server);
        await bucket.PutAsync("f", new byte[4 << 20]);
        using FaultyProxy proxy = new(server.Endpoint);
        RecordingLog log = new();
        await using Tree tree = await bucket.OpenAsync(endpoint: proxy.Endpoint, log: log, options: ["timeout=2", "ttl=0", "readahead=0"]);
        ulong inode = await tree.GetInodeAsync("f");
        ulong handle = await tree.OpenAsync("f");
        proxy.IsDown = true;
        long start = Environment.TickCount64;
        ArrayPayloadWriter content = new(4096);
        Assert.Equal(Errno.EIO, await tree.FileSystem.ReadAsync(default, inode, handle, 0, content));
        Assert.Equal(Errno.EIO, (await tree.FileSystem.LookupAsync(default, FileSystem.RootInode, "g"u8.ToArray())).Errno);
        Assert.InRange(Environment.TickCount64 - start, 0, 30_000);
        Assert.Contains(log.Lines, line => line.StartsWith("warning: s3://", StringComparison.Ordinal));
        proxy.IsDown = false;
        Assert.Equal(Errno.None, await tree.FileSystem.ReadAsync(default, inode, handle, 0, content));
        Assert.Equal(["f"], await tree.ListAsync());
    }

    /// <summary>Memory in pages, as a guest's.</summary>
    private sealed class PagedPayload(int length) : PayloadWriter
    {
        private const int Page = 4096;

        private int _written;

        public byte[] Content { get; } = new byte[length];

        public override int Remaining => Content.Length - _written;

        public override int Written => _written;

        public override Span<byte> GetSpan() => GetMemory().Span;

        public override Memory<byte> GetMemory() => Content.AsMemory(_written, Math.Min(Remaining, Page - (_written % Page)));

        public override void Advance(int count) => _written += count;
    }
}
