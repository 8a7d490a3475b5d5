using System.Text;

namespace Kaleidofs.Tests.Unit.Archive;

public sealed class NestedTests : IDisposable
{
    private static readonly Dictionary<string, string> Nested = new() { ["nested"] = "" };

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Random_offsets_of_a_deflated_member_in_a_tar_gz_in_a_zip_agree_with_the_whole()
    {
        byte[] content = TestContent.MakeText(1, 6_000_000);
        await using Browser browser = await Browser.OpenAsync(MakeThreeLevels(content), cacheBudget: 1 << 20, Nested);
        Assert.Equal(["mid.tar.gz", "mid.tar.gz/inner.zip", "mid.tar.gz/inner.zip/file", "mid.tar.gz/note"], (await browser.ListAllAsync()).Order());
        await ZipReadingTests.CheckRandomReadsAsync(browser, await browser.FindAsync("mid.tar.gz/inner.zip/file"), content, seed: 2, reads: 1000);
        Assert.Empty(browser.Log.Lines);
    }

    [Fact]
    public async Task Many_readers_of_nested_compressed_content_need_one_thread_that_may_wait()
    {
        byte[] content = TestContent.MakeText(3, 3_000_000);
        using OneThreadReader files = new();
        await using Browser browser = await Browser.OpenAsync(MakeThreeLevels(content), cacheBudget: 1 << 20, Nested, files: files);
        ulong inode = await browser.FindAsync("mid.tar.gz/inner.zip/file");
        Task reads = Task.WhenAll(Enumerable.Range(0, 12).Select(reader => Task.Run(() =>
            ZipReadingTests.CheckRandomReadsAsync(browser, inode, content, seed: 100 + reader, reads: 8))));
        await reads.WaitAsync(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task An_inner_archive_is_a_directory_with_its_permissions_and_time()
    {
        _directory.Write("file", "text"u8);
        ArchiveTools.Run(_directory.Path, "zip", "-q", "inner.zip", "file");
        ArchiveTools.Run(_directory.Path, "chmod", "640", "inner.zip");
        File.SetLastWriteTimeUtc(_directory["inner.zip"], DateTime.UnixEpoch.AddSeconds(1_500_000_000));
        ArchiveTools.Run(_directory.Path, "tar", "cf", "outer.tar", "inner.zip");
        await using Browser browser = await Browser.OpenAsync(_directory["outer.tar"], options: Nested);
        Attributes attributes = await browser.LookupAsync("inner.zip");
        Assert.Equal(FileType.Directory | 0x1E8, attributes.Mode);
        Assert.Equal(1_500_000_000, attributes.ModificationTime.Seconds);
        Assert.Equal("text"u8.ToArray(), await browser.ReadAllAsync("inner.zip/file"));
        await using Browser plain = await Browser.OpenAsync(_directory["outer.tar"]);
        Assert.Equal(File.ReadAllBytes(_directory["inner.zip"]), await plain.ReadAllAsync("inner.zip"));
        Assert.NotEqual(plain.FileSystem.Info.Identity, browser.FileSystem.Info.Identity);
    }

    [Fact]
    public async Task Inode_numbers_are_the_same_each_time()
    {
        string path = MakeThreeLevels(TestContent.MakeText(4, 300_000));
        await using Browser one = await Browser.OpenAsync(path, options: Nested);
        await using Browser other = await Browser.OpenAsync(path, options: Nested);
        Assert.Equal((await one.WalkAsync()).Select(entry => (entry.Path, entry.Attributes.Inode)), (await other.WalkAsync()).Select(entry => (entry.Path, entry.Attributes.Inode)));
        Assert.Equal(one.FileSystem.Info.Identity, other.FileSystem.Info.Identity);
    }

    [Fact]
    public async Task A_damaged_inner_archive_stays_the_file_that_it_is_with_one_line()
    {
        _directory.Write("a", "first"u8);
        _directory.Write("b", "second"u8);
        ArchiveTools.Run(_directory.Path, "zip", "-q", "inner.zip", "a", "b");
        byte[] zip = File.ReadAllBytes(_directory["inner.zip"]);
        // The second record of the central directory: the first one is in the tree by then.
        int record = zip.AsSpan().LastIndexOf("PK\x01\x02"u8);
        zip[record] = (byte)'X';
        _directory.Write("bad.zip", zip);
        _directory.Write("text.zip", "no archive"u8);
        ArchiveTools.Run(_directory.Path, "tar", "cf", "outer.tar", "bad.zip", "inner.zip", "text.zip");
        await using Browser browser = await Browser.OpenAsync(_directory["outer.tar"], options: Nested);
        Assert.Equal(["bad.zip", "inner.zip", "inner.zip/a", "inner.zip/b", "text.zip"], (await browser.ListAllAsync()).Order());
        Assert.Equal(zip, await browser.ReadAllAsync("bad.zip"));
        Assert.Equal("second"u8.ToArray(), await browser.ReadAllAsync("inner.zip/b"));
        Assert.Single(browser.Log.Lines, line => line.Contains("bad.zip", StringComparison.Ordinal));
        Assert.Single(browser.Log.Lines, line => line.Contains("text.zip", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Archives_nine_deep_are_files()
    {
        _directory.Write("file", "deep"u8);
        string last = "file";
        for (int level = 0; level < 11; level++)
        {
            ArchiveTools.Run(_directory.Path, level % 2 == 0 ? "zip" : "tar", level % 2 == 0 ? ["-q", $"l{level}.zip", last] : ["cf", $"l{level}.tar", last]);
            last = level % 2 == 0 ? $"l{level}.zip" : $"l{level}.tar";
        }
        await using Browser browser = await Browser.OpenAsync(_directory[last], options: Nested);
        (string path, Attributes attributes) = (await browser.WalkAsync())[^1];
        Assert.Equal("l9.tar/l8.zip/l7.tar/l6.zip/l5.tar/l4.zip/l3.tar/l2.zip/l1.tar", path);
        Assert.False(attributes.IsDirectory);
        Assert.Contains("8 archives deep", Assert.Single(browser.Log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Archives_that_multiply_on_every_level_are_bounded()
    {
        byte[] bytes = Encoding.ASCII.GetBytes("x");
        string name = "file";
        for (int level = 0; level < 6; level++)
        {
            TarWriter tar = new();
            for (int copy = 0; copy < 6; copy++)
            {
                tar.Add(Encoding.ASCII.GetBytes($"{copy}{name}"), bytes);
            }
            bytes = tar.ToArray();
            bytes = level % 2 == 0 ? bytes : TarWriter.Gzip(bytes);
            name = level % 2 == 0 ? ".tar" : ".tgz";
        }
        await using Browser browser = await Browser.OpenAsync(_directory.Write("bomb.tgz", bytes), options: Nested);
        Assert.Contains(browser.Log.Lines, line => line.Contains("more than 4096", StringComparison.Ordinal));
        Assert.True(browser.Log.Lines.Count < 100);
    }

    /// <summary>A deflated member in a zip in a tar.gz that is deflated in a zip.</summary>
    private string MakeThreeLevels(byte[] content)
    {
        _directory.Write("file", content);
        _directory.Write("note", "note"u8);
        ArchiveTools.Run(_directory.Path, "zip", "-q", "inner.zip", "file");
        ArchiveTools.Run(_directory.Path, "tar", "czf", "mid.tar.gz", "note", "inner.zip");
        // Text before the suffix list of zip: it would store what ends in .gz.
        ArchiveTools.Run(_directory.Path, "zip", "-q", "-n", ".none", "outer.zip", "mid.tar.gz");
        return _directory["outer.zip"];
    }
}
