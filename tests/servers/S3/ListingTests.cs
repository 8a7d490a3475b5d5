using Kaleidofs.Host.Cli;

namespace Kaleidofs.Tests.Servers.S3;

/// <summary>Long directories, which are listed in parts beside each other.</summary>
[Collection(S3Collection.Name)]
public sealed class ListingTests(RadosGateway server)
{
    private const int Count = 12_000;
    private const int Some = 3_000;

    [SkippableFact]
    public async Task All_names_of_a_long_directory_come_and_each_once_while_the_rest_is_still_asked_for()
    {
        using TestBucket bucket = await TestBucket.MakeAsync(server);
        Random random = new(7);
        string[] keys =
        [
            .. Enumerable.Range(0, Count).Select(number => (number % 4) switch
            {
                0 => $"file{number:D6}.txt",
                1 => $"{random.NextInt64():x16}",
                2 => $"dir{number / 10:D5}/{number}",
                _ => $"dir{number / 40:D5}",
            }).Distinct(),
            "é", "\U0001F600", "dir00001.rclonelink", "dir99999.rclonelink", "a b+c%",
        ];
        await bucket.PutManyAsync(keys.Select(key => "d/" + key));
        using FaultyProxy proxy = new(server.Endpoint);
        await using Tree tree = await bucket.OpenAsync(endpoint: proxy.Endpoint);
        using ManualResetEventSlim gate = new();
        int pages = 0;
        proxy.Choose = request =>
        {
            if (request.Contains("list-type=2", StringComparison.Ordinal) && Interlocked.Increment(ref pages) > 3)
            {
                gate.Wait(TimeSpan.FromMinutes(1));
            }
            return null;
        };
        ulong inode = await tree.GetInodeAsync("d");
        ulong handle = (await tree.FileSystem.OpenDirectoryAsync(default, inode)).Value.Handle;
        EntryCollector first = new();
        Assert.Equal(Errno.None, await tree.FileSystem.ListAsync(default, inode, handle, 0, first));
        Assert.NotEmpty(first.Entries);
        Assert.False(gate.IsSet);
        gate.Set();
        List<string> names = await tree.ListAsync("d");
        string[] directories = [.. keys.Where(key => key.Contains('/')).Select(key => key.Split('/')[0]).Distinct()];
        Assert.Equal(
            keys.Where(key => !key.Contains('/')).Select(key => directories.Contains(key) ? key + "=s3:file=" : key == "dir99999.rclonelink" ? "dir99999@" : key)
                .Concat(directories.Select(name => name + "/")).Order(StringComparer.Ordinal),
            names.Order(StringComparer.Ordinal));
        // And it was divided.
        Assert.Contains(proxy.Requests, request => request.Contains("start-after", StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task A_key_of_a_long_directory_takes_some_hundred_bytes()
    {
        using TestBucket bucket = await TestBucket.MakeAsync(server);
        await bucket.PutManyAsync(Enumerable.Range(0, Some).Select(number => $"{number:D8}.jpg"));
        await using Tree tree = await bucket.OpenAsync(options: "ttl=600");
        await tree.FindAsync("absent");
        long before = GC.GetTotalMemory(forceFullCollection: true);
        ulong handle = (await tree.FileSystem.OpenDirectoryAsync(default, FileSystem.RootInode)).Value.Handle;
        ulong cookie = 0;
        int count = 0;
        while (true)
        {
            EntryCollector page = new();
            Assert.Equal(Errno.None, await tree.FileSystem.ListAsync(default, FileSystem.RootInode, handle, cookie, page));
            if (page.Entries.Count == 0)
            {
                break;
            }
            count += page.Entries.Count;
            cookie = page.Cookie;
        }
        long bytes = (GC.GetTotalMemory(forceFullCollection: true) - before) / Some;
        Assert.Equal(Some, count);
        Assert.InRange(bytes, 1, 600);
    }
}
