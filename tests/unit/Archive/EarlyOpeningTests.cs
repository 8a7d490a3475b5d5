using Kaleidofs.Caching;
using Kaleidofs.Drivers.Archive;
using Kaleidofs.Host.Linux;
using Kaleidofs.Trees;

namespace Kaleidofs.Tests.Unit.Archive;

/// <summary>A long tar is served while its index is made.</summary>
public sealed class EarlyOpeningTests : IDisposable
{
    // Longer than what is read before anything is served, even where it was compressed.
    private static readonly byte[] Noise = MakeNoise(20 << 20);

    private readonly TemporaryDirectory _directory = new();
    private readonly RecordingLog _log = new();
    private readonly ContentCache _cache = new();

    public void Dispose()
    {
        _cache.Dispose();
        _directory.Dispose();
    }

    [Theory]
    [InlineData("tar cf")]
    [InlineData("tar czf")]
    public async Task A_long_tar_is_there_before_it_is_read_and_then_as_any_other(string tar)
    {
        string path = Make(tar);
        await using FileSystem archive = await OpenAsync(path);
        // Of a plain one only the headers are read: it may be done already.
        Assert.True(archive is GrowingTreeFileSystem || tar == "tar cf");
        Result<Entry> last = await archive.LookupAsync(default, FileSystem.RootInode, "z last"u8.ToArray());
        Assert.Equal(5UL, last.Value.Attributes.Size);
        Result<Entry> noise = await archive.LookupAsync(default, FileSystem.RootInode, "noise"u8.ToArray());
        ArrayPayloadWriter content = new(Noise.Length);
        Assert.Equal(Errno.None, await archive.ReadAsync(default, noise.Value.Attributes.Inode, 0, 0, content));
        Assert.True(content.Content.Span.SequenceEqual(Noise));
        await archive.Completion;
        Assert.StartsWith("tar", archive.Info.Identity);
        await using FileSystem whole = await OpenAsync(path, ("union", Make("tar cf", "other")));
        Assert.IsNotType<GrowingTreeFileSystem>(whole);
    }

    [Fact]
    public async Task A_short_tar_and_one_whose_directory_must_be_there_are_read_before()
    {
        await using FileSystem shorter = await OpenAsync(Make("tar cf", "short", length: 1 << 20));
        Assert.IsNotType<GrowingTreeFileSystem>(shorter);
        SourceException exception = await Assert.ThrowsAsync<SourceException>(() => OpenAsync(Make("tar cf"), ("subdir", "nowhere")));
        Assert.Contains("nowhere", exception.Message);
    }

    [Fact]
    public async Task One_whose_checksum_turns_out_to_be_wrong_is_not_served_any_more_and_one_line_says_why()
    {
        string path = Make("tar czf");
        byte[] bytes = File.ReadAllBytes(path);
        bytes[^7] ^= 1;
        File.WriteAllBytes(path, bytes);
        await using FileSystem archive = await OpenAsync(path);
        await Assert.ThrowsAsync<SourceException>(() => archive.Completion);
        Assert.Equal(Errno.EIO, (await archive.LookupAsync(default, FileSystem.RootInode, "noise"u8.ToArray())).Errno);
        string line = Assert.Single(_log.Lines, line => line.Contains("checksum", StringComparison.Ordinal));
        Assert.Contains("nothing of it is served any more", line);
    }

    [Fact]
    public async Task Closing_one_that_is_still_read_ends_that()
    {
        FileSystem archive = await OpenAsync(Make("tar czf"));
        await archive.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.True(archive.Completion.IsCompleted);
        Assert.DoesNotContain(_log.Lines, line => line.Contains("served", StringComparison.Ordinal));
    }

    private static byte[] MakeNoise(int length)
    {
        byte[] noise = new byte[length];
        new Random(1).NextBytes(noise);
        return noise;
    }

    private string Make(string tar, string name = "long", int length = 0)
    {
        string folder = _directory[name];
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, "noise"), length == 0 ? Noise : Noise[..length]);
        File.WriteAllText(Path.Combine(folder, "z last"), "last\n");
        string path = _directory[name + ".tar"];
        ArchiveTools.Run(folder, "sh", "-c", $"{tar} '{path}' noise 'z last'");
        return path;
    }

    private async Task<FileSystem> OpenAsync(string path, params (string Name, string Value)[] options)
    {
        Dictionary<string, string> all = new() { ["index"] = "none" };
        foreach ((string name, string value) in options)
        {
            all[name] = value;
        }
        return await new ArchiveDriver().OpenAsync(new DriverContext { Source = path, Scheme = "archive", Cache = _cache, Files = new DiskReader(), Log = _log, Options = all }, CancellationToken.None);
    }
}
