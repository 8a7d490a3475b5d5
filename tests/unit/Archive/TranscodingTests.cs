using Kaleidofs.Caching;
using Kaleidofs.Drivers.Archive;
using Kaleidofs.Drivers.Archive.Zip;
using Kaleidofs.Host.Linux;
using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Unit.Archive;

public sealed class TranscodingTests : IDisposable
{
    private static readonly DiskReader Disk = new();

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_second_process_reads_a_transcoded_tar_without_decoding_its_content_again()
    {
        byte[] content = TestContent.MakeText(1, 3_000_001);
        File.WriteAllBytes(_folder.At("x.tgz"), TarWriter.Gzip(new TarWriter().Add("file"u8.ToArray(), content).ToArray()));
        DiskTotals first = await ReadAsync("x.tgz", "on", content);
        Assert.True(first.Written > 20);
        DiskTotals second = await ReadAsync("x.tgz", "on", content);
        Assert.Equal((23, 0, 0, 0), (second.Hits, second.Misses, second.Written, second.Damaged));
    }

    [Fact]
    public async Task A_second_process_reads_a_transcoded_zip_entry_without_decoding_it_again()
    {
        byte[] content = TestContent.MakeText(2, (int)ZipBlockLoader.ShortLength + 300_000);
        File.WriteAllBytes(_folder.At("x.zip"), MakeZip(content));
        DiskTotals first = await ReadAsync("x.zip", "on", content);
        Assert.True(first.Written > 128);
        DiskTotals second = await ReadAsync("x.zip", "on", content);
        Assert.Equal((first.Written, 0, 0), (second.Hits, second.Misses, second.Written));
    }

    [Theory]
    [InlineData("auto")]
    [InlineData("off")]
    public async Task What_seeks_well_is_not_transcoded_unless_asked_for(string mode)
    {
        byte[] content = TestContent.MakeText(3, 1_000_000);
        File.WriteAllBytes(_folder.At("x.tgz"), TarWriter.Gzip(new TarWriter().Add("file"u8.ToArray(), content).ToArray()));
        DiskTotals totals = await ReadAsync("x.tgz", mode, content);
        Assert.Equal((0, 0, 0), (totals.Hits, totals.Misses, totals.Written));
        Assert.False(Directory.Exists(_folder.At("blocks")));
    }

    [Fact]
    public async Task Blocks_that_another_file_left_under_the_same_name_are_replaced()
    {
        byte[] content = TestContent.MakeText(4, 1_000_000);
        File.WriteAllBytes(_folder.At("x.tgz"), TarWriter.Gzip(new TarWriter().Add("file"u8.ToArray(), content).ToArray()));
        await ReadAsync("x.tgz", "on", content);
        string file = Assert.Single(Directory.GetFiles(_folder.At("blocks"), "*.blocks"));
        string identity = System.Text.Encoding.UTF8.GetString(File.ReadAllBytes(file).AsSpan(24, (int)BitConverter.ToUInt64(File.ReadAllBytes(file), 8)));
        using (DiskTier tier = new(_folder.At("blocks"), DiskTier.DefaultBound, Disk, DriverLog.Silent))
        {
            tier.Open(identity)!.Append(0, 3, TestContent.Make(5, 128 << 10));
        }
        Assert.Equal(1, (await ReadAsync("x.tgz", "on", content)).Written);
    }

    [Fact]
    public async Task Without_a_place_to_write_to_everything_reads_as_without()
    {
        byte[] content = TestContent.MakeText(6, 1_000_000);
        File.WriteAllBytes(_folder.At("x.tgz"), TarWriter.Gzip(new TarWriter().Add("file"u8.ToArray(), content).ToArray()));
        File.WriteAllText(_folder.At("blocks"), "no directory");
        Assert.Equal(0, (await ReadAsync("x.tgz", "on", content)).Written);
    }

    private static byte[] MakeZip(byte[] content)
    {
        using MemoryStream zip = new();
        using (System.IO.Compression.ZipArchive archive = new(zip, System.IO.Compression.ZipArchiveMode.Create, leaveOpen: true))
        {
            using Stream entry = archive.CreateEntry("file", System.IO.Compression.CompressionLevel.Fastest).Open();
            entry.Write(content);
        }
        return zip.ToArray();
    }

    /// <summary>Opens an archive as a new process does, with nothing in memory, and reads its only file.</summary>
    private async Task<DiskTotals> ReadAsync(string name, string mode, byte[] expected)
    {
        DiskTier tier = new(_folder.At("blocks"), DiskTier.DefaultBound, Disk, DriverLog.Silent);
        using ContentCache cache = new(ContentCache.DefaultBudget, tier);
        DriverContext context = new()
        {
            Source = _folder.At(name),
            Scheme = "archive",
            Cache = cache,
            Files = Disk,
            Options = new Dictionary<string, string> { ["transcode"] = mode, ["index"] = "none" },
        };
        await using FileSystem fileSystem = await new ArchiveDriver().OpenAsync(context, CancellationToken.None);
        tier.Flush();
        ulong inode = (await fileSystem.LookupAsync(default, FileSystem.RootInode, "file"u8.ToArray())).Value.Attributes.Inode;
        ArrayPayloadWriter payload = new(expected.Length);
        Assert.Equal(Errno.None, await fileSystem.ReadAsync(default, inode, 0, 0, payload));
        Assert.True(payload.Content.Span.SequenceEqual(expected));
        tier.Flush();
        return cache.ReadDiskTotals();
    }
}
