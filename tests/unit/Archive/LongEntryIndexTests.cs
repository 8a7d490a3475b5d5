using Kaleidofs.Caching;
using Kaleidofs.Drivers.Archive;
using Kaleidofs.Host.Linux;
using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Unit.Archive;

/// <summary>What <c>kaleidofs index</c> finds out ahead of a zip's long entries.</summary>
public sealed class LongEntryIndexTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly RecordingLog _log = new();

    private string Folder => _directory["index"];

    public void Dispose() => _directory.Dispose();

    [SkippableTheory]
    [InlineData("deflate")]
    [InlineData("bzip2")]
    public async Task Long_entries_of_a_zip_that_was_indexed_read_anywhere_without_what_lies_before(string method)
    {
        Skip.If(Shell.Run("command -v zip").Status != 0, "zip is not here");
        byte[][] contents = [TestContent.MakeText(1, 9 << 20), TestContent.MakeText(2, 7 << 20), TestContent.MakeText(3, 1 << 20)];
        for (int i = 0; i < contents.Length; i++)
        {
            _directory.Write($"{i}", contents[i]);
        }
        Shell.Run("cd \"$1\" && zip -q -Z \"$2\" x.zip 0 1 2", _directory.Path, method).Succeeded();
        string path = _directory["x.zip"];
        SourceIndex index = await IndexAsync(path);
        Assert.Equal(Directory.GetFiles(Folder).Sum(file => new FileInfo(file).Length), index.Length);
        Assert.Equal(2, Directory.GetFiles(Folder).Length);

        await using Browser browser = await Browser.OpenAsync(path, options: new() { ["index"] = Folder });
        ulong[] inodes = [await browser.FindAsync("0"), await browser.FindAsync("1")];
        foreach (ulong inode in inodes)
        {
            Assert.Equal(Errno.None, (await browser.ReadAsync(inode, 0, 1)).Errno);
        }
        // Each entry's beginning, and then some, is no longer there to be decoded.
        byte[] bytes = await File.ReadAllBytesAsync(path);
        long place = 0;
        using (FileStream archive = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            for (int i = 0; i < inodes.Length; i++)
            {
                archive.Position = place + 1000;
                archive.Write(new byte[50_000]);
                place += 51_000;
                place += bytes.AsSpan((int)place).IndexOf("PK\x03\x04"u8);
            }
        }
        for (int i = 0; i < inodes.Length; i++)
        {
            for (int offset = contents[i].Length - 200_000; offset > 3 << 20; offset -= 1_234_567)
            {
                (Errno errno, byte[] read) = await browser.ReadAsync(inodes[i], offset, 100_000);
                Assert.True(errno == Errno.None, $"{errno} at {offset}: {string.Join("; ", browser.Log.Lines)}");
                Assert.True(contents[i].AsSpan(offset, 100_000).SequenceEqual(read));
            }
        }
    }

    [Fact]
    public async Task Damage_in_a_long_entry_is_told_when_the_zip_is_indexed_and_the_others_are_indexed()
    {
        ZipWriter zip = new();
        zip.Add("damaged"u8.ToArray(), TestContent.MakeText(1, 6 << 20), 8);
        zip.Add("good"u8.ToArray(), TestContent.MakeText(2, 6 << 20), 8);
        byte[] bytes = zip.ToArray();
        bytes.AsSpan(400_000, 100).Reverse();
        string path = _directory.Write("x.zip", bytes);
        await IndexAsync(path);
        Assert.Single(_log.Lines, line => line.Contains("'damaged'", StringComparison.Ordinal));
        Assert.DoesNotContain(_log.Lines, line => line.Contains("'good'", StringComparison.Ordinal));
        Assert.Equal(2, Directory.GetFiles(Folder).Length);
    }

    [SkippableFact]
    public async Task Nothing_is_kept_of_what_was_encrypted()
    {
        Skip.If(Shell.Run("command -v zip").Status != 0, "zip is not here");
        _directory.Write("secret", TestContent.MakeText(1, 6 << 20));
        _directory.Write("password", "word"u8.ToArray());
        Shell.Run("cd \"$1\" && zip -q -P word x.zip secret", _directory.Path).Succeeded();
        await IndexAsync(_directory["x.zip"], ("password-file", _directory["password"]));
        Assert.Single(Directory.GetFiles(Folder));
    }

    private async Task<SourceIndex> IndexAsync(string path, params (string Name, string Value)[] options)
    {
        using ContentCache cache = new(1 << 20);
        Dictionary<string, string> all = new() { ["index"] = Folder };
        foreach ((string name, string value) in options)
        {
            all[name] = value;
        }
        DriverContext context = new() { Source = path, Scheme = "archive", Cache = cache, Files = new DiskReader(), Log = _log, Options = all };
        return await new ArchiveDriver().IndexAsync(context, new Progress<double>(), CancellationToken.None);
    }
}
