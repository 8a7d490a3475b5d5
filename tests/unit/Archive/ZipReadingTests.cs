using System.IO.Compression;
using System.Text;

namespace Kaleidofs.Tests.Unit.Archive;

public sealed class ZipReadingTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Entries_written_by_a_library_read_back_with_names_and_content()
    {
        string path = _directory["library.zip"];
        Dictionary<string, byte[]> files = new()
        {
            ["a.txt"] = "hello"u8.ToArray(),
            ["dir/empty"] = [],
            ["dir/sub/big.bin"] = TestContent.Make(1, 3_000_000),
            ["dir/text"] = TestContent.MakeText(2, 700_000),
        };
        using (ZipArchive zip = ZipFile.Open(path, ZipArchiveMode.Create))
        {
            foreach ((string name, byte[] content) in files)
            {
                using Stream stream = zip.CreateEntry(name).Open();
                stream.Write(content);
            }
        }
        await using Browser browser = await Browser.OpenAsync(path);
        Assert.Equal(["a.txt", "dir", "dir/empty", "dir/sub", "dir/sub/big.bin", "dir/text"], await browser.ListAllAsync());
        foreach ((string name, byte[] content) in files)
        {
            Assert.Equal(content, await browser.ReadAllAsync(name));
        }
        Assert.Empty(browser.Log.Lines);
    }

    [Theory]
    [InlineData((ushort)0)]
    [InlineData((ushort)8)]
    public async Task Random_offsets_agree_with_the_whole(ushort method)
    {
        byte[] content = TestContent.MakeText(3, 5_000_000);
        ZipWriter zip = new();
        zip.Add("before"u8.ToArray(), TestContent.Make(4, 1000), method);
        zip.Add("file"u8.ToArray(), content, method);
        zip.Add("behind"u8.ToArray(), TestContent.Make(5, 1000), method);
        await using Browser browser = await Browser.OpenAsync(_directory.Write("x.zip", zip.ToArray()), cacheBudget: 1 << 20);
        await CheckRandomReadsAsync(browser, await browser.FindAsync("file"), content, seed: 6, reads: 400);
    }

    [Fact]
    public async Task Many_readers_at_once_see_the_same_content()
    {
        byte[] content = TestContent.MakeText(7, 4_000_000);
        ZipWriter zip = new();
        for (int i = 0; i < 5; i++)
        {
            zip.Add(Encoding.UTF8.GetBytes($"file{i}"), content, 8);
        }
        await using Browser browser = await Browser.OpenAsync(_directory.Write("x.zip", zip.ToArray()), cacheBudget: 2 << 20);
        await Task.WhenAll(Enumerable.Range(0, 16).Select(reader => Task.Run(async () =>
            await CheckRandomReadsAsync(browser, await browser.FindAsync($"file{reader % 5}"), content, seed: 100 + reader, reads: 40))));
    }

    [Fact]
    public async Task A_cached_read_completes_at_once()
    {
        ZipWriter zip = new();
        zip.Add("file"u8.ToArray(), TestContent.MakeText(8, 400_000), 8);
        await using Browser browser = await Browser.OpenAsync(_directory.Write("x.zip", zip.ToArray()));
        ulong inode = await browser.FindAsync("file");
        await browser.ReadAllAsync("file");
        ValueTask<Errno> read = browser.FileSystem.ReadAsync(default, inode, 0, 100_000, new SegmentedPayload(300_000, 4096));
        Assert.True(read.IsCompletedSuccessfully);
        Assert.Equal(Errno.None, await read);
    }

    [Fact]
    public async Task Sizes_behind_the_data_are_taken_from_the_central_directory()
    {
        ZipWriter zip = new();
        zip.Add("stored", "stored content").HasDescriptor = true;
        zip.Add("deflated", "deflated content", 8).HasDescriptor = true;
        await using Browser browser = await Browser.OpenAsync(_directory.Write("x.zip", zip.ToArray()));
        Assert.Equal("stored content"u8.ToArray(), await browser.ReadAllAsync("stored"));
        Assert.Equal("deflated content"u8.ToArray(), await browser.ReadAllAsync("deflated"));
    }

    [Fact]
    public async Task An_archive_with_something_before_it_reads_as_without()
    {
        ZipWriter inner = new();
        inner.Add("file", "content", 8);
        byte[] bytes = [.. "#!/bin/sh\nexit\n"u8, .. inner.ToArray()];
        await using Browser prefixed = await Browser.OpenAsync(_directory.Write("prefixed.zip", bytes));
        Assert.Equal("content"u8.ToArray(), await prefixed.ReadAllAsync("file"));

        ZipWriter adjusted = new ZipWriter().WritePrefix("#!/bin/sh\nexit\n"u8);
        adjusted.Add("file", "content", 8);
        await using Browser browser = await Browser.OpenAsync(_directory.Write("adjusted.zip", adjusted.ToArray()));
        Assert.Equal("content"u8.ToArray(), await browser.ReadAllAsync("file"));
    }

    internal static async Task CheckRandomReadsAsync(Browser browser, ulong inode, byte[] content, int seed, int reads)
    {
        Random random = new(seed);
        for (int i = 0; i < reads; i++)
        {
            int offset = random.Next(content.Length + 10);
            int count = random.Next(1, random.Next(2) == 0 ? 5_000 : 400_000);
            (Errno errno, byte[] read) = await browser.ReadAsync(inode, offset, count, random.Next(1, 70_000));
            Assert.Equal(Errno.None, errno);
            int expected = Math.Max(0, Math.Min(count, content.Length - offset));
            Assert.True(content.AsSpan(Math.Min(offset, content.Length), expected).SequenceEqual(read), $"seed {seed}, read {i}: {count} bytes at {offset}");
        }
    }
}
