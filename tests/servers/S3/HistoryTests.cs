using System.Globalization;
using System.Text;
using Kaleidofs.Tests.Support.Memory;

namespace Kaleidofs.Tests.Servers.S3;

/// <summary>
/// Long random histories on two mounts and a client that knows nothing of them, on a server that fails now and then, beside a model of what must be there.
/// KALEIDOFS_S3_STEPS makes them longer, KALEIDOFS_S3_SEED others.
/// </summary>
[Collection(S3Collection.Name)]
public sealed class HistoryTests(RadosGateway server)
{
    private static int Steps => GetNumber("KALEIDOFS_S3_STEPS", 400);

    private static int Seed => GetNumber("KALEIDOFS_S3_SEED", 1);

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Whatever_was_confirmed_is_there_and_nothing_else(bool fails)
    {
        using TestBucket bucket = await TestBucket.MakeAsync(server);
        using FaultyProxy proxy = new(server.Endpoint);
        Random faults = new(Seed);
        RecordingLog told = new();
        await using Tree first = await bucket.OpenAsync(endpoint: proxy.Endpoint, log: told, options: "ttl=0");
        await using Tree second = await bucket.OpenAsync(endpoint: proxy.Endpoint, log: told, options: "ttl=0");
        await first.PutAsync("probed", "x");
        await second.PutAsync("probed", "x");
        if (fails)
        {
            proxy.Choose = _ =>
            {
                lock (faults)
                {
                    return faults.Next(40) switch
                    {
                        0 => new FaultyProxy.Fault("503 Slow Down"),
                        1 => new FaultyProxy.Fault("500 Internal Server Error"),
                        2 => new FaultyProxy.Fault(null, CutAfter: faults.Next(1, 20_000)),
                        _ => null,
                    };
                }
            };
        }
        Random random = new(Seed);
        Dictionary<string, byte[]> model = new() { ["probed"] = "x"u8.ToArray() };
        string[] directories = ["", "d/", "d/e/"];
        await first.MakeDirectoryAsync("d");
        await first.MakeDirectoryAsync("d/e");
        List<string> log = [];
        for (int step = 0; step < Steps / (fails ? 4 : 1); step++)
        {
            Tree tree = random.Next(2) == 0 ? first : second;
            string path = $"{directories[random.Next(3)]}f{random.Next(4)}";
            string other = $"{directories[random.Next(3)]}f{random.Next(4)}";
            byte[]? before = model.GetValueOrDefault(path);
            byte[] bytes = new byte[random.Next(3) == 0 ? random.Next(300_000) : random.Next(100)];
            random.NextBytes(bytes);
            int what = random.Next(9);
            log.Add($"{step}: {what} {path} {other} {bytes.Length} by {(tree == first ? 1 : 2)}");
            try
            {
                switch (what)
                {
                    case 0:
                        await tree.PutAsync(path, bytes);
                        model[path] = bytes;
                        break;
                    case 1:
                    case 2:
                        // Here and there, in what is there.
                        (ulong Inode, ulong Handle) file = await tree.CreateAsync(path);
                        int at = random.Next((before?.Length ?? 0) + 100);
                        await tree.WriteAsync(file, at, bytes);
                        Assert.Equal(Errno.None, await tree.CloseAsync(file));
                        byte[] after = before ?? [];
                        Array.Resize(ref after, bytes.Length == 0 ? after.Length : Math.Max(after.Length, at + bytes.Length));
                        bytes.CopyTo(after, bytes.Length == 0 ? 0 : at);
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
                        // Another client's change under an open handle is told, and not lost.
                        (ulong Inode, ulong Handle) stale = await tree.CreateAsync(path);
                        await tree.WriteAsync(stale, 0, "ours");
                        await bucket.PutAsync(path, bytes);
                        Assert.Equal(Errno.ESTALE, await tree.CloseAsync(stale));
                        model[path] = bytes;
                        break;
                    case 7 when before is not null:
                        await bucket.DeleteAsync(path);
                        // Which takes a directory along that has no marker: there is one.
                        model.Remove(path);
                        break;
                    default:
                        Assert.Equal(before is not null, (await tree.FindAsync(path)).Inode != 0);
                        if (before is not null)
                        {
                            Assert.Equal(before, await tree.ReadAllAsync(path, random.Next(1, 100_000)));
                            Assert.Equal((ulong)before.Length, (await tree.FindAsync(path)).Size);
                        }
                        break;
                }
                if (step % 20 == 19)
                {
                    Assert.Equal(model.Keys.Order(StringComparer.Ordinal), await first.WalkAsync());
                    Assert.Equal(model.Keys.Order(StringComparer.Ordinal), await second.WalkAsync());
                    foreach ((string name, byte[] content) in model)
                    {
                        Assert.Equal(content, await bucket.GetAsync(name));
                    }
                }
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"seed {Seed}\n{string.Join('\n', log.TakeLast(15))}\n{string.Join('\n', told.Lines.TakeLast(5))}\n{exception.Message}\n{exception.StackTrace}", exception);
            }
        }
        Assert.Empty((await bucket.Client.ListMultipartUploadsAsync(new Amazon.S3.Model.ListMultipartUploadsRequest { BucketName = bucket.Name })).MultipartUploads ?? []);
        Assert.DoesNotContain(await bucket.GetKeysAsync(), key => key.Contains("probe-", StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task Of_many_who_count_in_one_file_no_step_is_lost()
    {
        using TestBucket bucket = await TestBucket.MakeAsync(server);
        await bucket.PutAsync("count", "0");
        int conflicts = 0;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            await using Tree tree = await bucket.OpenAsync(options: "ttl=0");
            for (int step = 0; step < 10;)
            {
                (Errno errno, ulong inode, ulong handle) = await tree.TryCreateAsync("count", OpenFlags.ReadWrite);
                Assert.Equal(Errno.None, errno);
                ArrayPayloadWriter content = new(20);
                errno = await tree.FileSystem.ReadAsync(default, inode, handle, 0, content);
                if (errno == Errno.None)
                {
                    int count = int.Parse(content.Content.Span, CultureInfo.InvariantCulture);
                    await tree.WriteAsync((inode, handle), 0, Encoding.ASCII.GetBytes((count + 1).ToString(CultureInfo.InvariantCulture)));
                }
                errno = errno == Errno.None ? await tree.CloseAsync((inode, handle)) : await ReleaseAsync(tree, inode, handle, errno);
                Assert.True(errno is Errno.None or Errno.ESTALE, errno.ToString());
                step += errno == Errno.None ? 1 : 0;
                conflicts += errno == Errno.None ? 0 : 1;
            }
        }));
        Assert.Equal("40", await bucket.GetTextAsync("count"));
        Assert.True(conflicts > 0, "nobody met another");

        static async Task<Errno> ReleaseAsync(Tree tree, ulong inode, ulong handle, Errno errno)
        {
            await tree.FileSystem.ReleaseAsync(default, inode, handle);
            return errno;
        }
    }

    private static int GetNumber(string name, int otherwise) => int.TryParse(Environment.GetEnvironmentVariable(name), out int number) ? number : otherwise;
}
