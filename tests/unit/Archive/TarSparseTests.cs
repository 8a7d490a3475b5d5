using System.Text;

namespace Kaleidofs.Tests.Unit.Archive;

public sealed class TarSparseTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    /// <summary>Data at 1000 to 1600 and at 5000 to 5300, 9000 bytes in all.</summary>
    private static byte[] Expected()
    {
        byte[] content = new byte[9000];
        Stored().AsSpan(0, 600).CopyTo(content.AsSpan(1000));
        Stored().AsSpan(600, 300).CopyTo(content.AsSpan(5000));
        return content;
    }

    private static byte[] Stored() => TestContent.Make(1, 900);

    private static byte[] OldGnu() => new TarWriter()
        .Add("file"u8.ToArray(), Stored(), 'S', magic: "ustar  \0", change: header =>
        {
            PutPiece(header, 386, 1000, 600);
            PutPiece(header, 410, 5000, 300);
            PutPiece(header, 434, 9000, 0);
            TarWriter.Put(header, 483, TarWriter.Octal(9000));
        })
        .Add("next", "next").ToArray();

    private static byte[] Version00() => new TarWriter()
        .AddPax(("GNU.sparse.size", "9000"), ("GNU.sparse.numblocks", "3"), ("GNU.sparse.offset", "1000"), ("GNU.sparse.numbytes", "600"),
            ("GNU.sparse.offset", "5000"), ("GNU.sparse.numbytes", "300"), ("GNU.sparse.offset", "9000"), ("GNU.sparse.numbytes", "0"))
        .Add("file"u8.ToArray(), Stored()).Add("next", "next").ToArray();

    private static byte[] Version01() => new TarWriter()
        .AddPax(("GNU.sparse.size", "9000"), ("GNU.sparse.numblocks", "2"), ("GNU.sparse.name", "file"), ("GNU.sparse.map", "1000,600,5000,300"))
        .Add("GNUSparseFile.1/file"u8.ToArray(), Stored()).Add("next", "next").ToArray();

    private static byte[] Version10()
    {
        byte[] map = new byte[512];
        Encoding.ASCII.GetBytes("2\n1000\n600\n5000\n300\n", map);
        return new TarWriter()
            .AddPax(("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.name", "file"), ("GNU.sparse.realsize", "9000"))
            .Add("GNUSparseFile.1/file"u8.ToArray(), [.. map, .. Stored()]).Add("next", "next").ToArray();
    }

    [Theory]
    [InlineData("old")]
    [InlineData("0.0")]
    [InlineData("0.1")]
    [InlineData("1.0")]
    public async Task Files_with_holes_read_whole_and_tell_where_data_is(string form)
    {
        byte[] tar = form switch { "old" => OldGnu(), "0.0" => Version00(), "0.1" => Version01(), _ => Version10() };
        foreach (bool gzipped in new[] { false, true })
        {
            await using Browser browser = await Browser.OpenAsync(_directory.Write("x.tar", gzipped ? TarWriter.Gzip(tar) : tar));
            Assert.Equal(["file", "next"], await browser.ListAllAsync());
            Assert.Equal(Expected(), await browser.ReadAllAsync("file"));
            Assert.Equal("next"u8.ToArray(), await browser.ReadAllAsync("next"));
            Attributes file = await browser.LookupAsync("file");
            Assert.Equal((9000ul, 2ul), (file.Size, file.Blocks));
            foreach ((long offset, SeekKind kind, long expected) in new[]
            {
                (0L, SeekKind.Data, 1000L), (0L, SeekKind.Hole, 0L), (1000L, SeekKind.Data, 1000L), (1200L, SeekKind.Hole, 1600L),
                (1600L, SeekKind.Data, 5000L), (5299L, SeekKind.Hole, 5300L), (5300L, SeekKind.Data, -1L), (5300L, SeekKind.Hole, 5300L), (9000L, SeekKind.Hole, -1L),
            })
            {
                Result<long> found = await browser.FileSystem.SeekAsync(default, file.Inode, 0, offset, kind);
                Assert.Equal(expected, found.IsOk ? found.Value : -1);
                Assert.True(found.IsOk || found.Errno == Errno.ENXIO);
            }
            await ZipReadingTests.CheckRandomReadsAsync(browser, file.Inode, Expected(), seed: 2, reads: 100);
        }
    }

    [Fact]
    public async Task A_map_that_does_not_fit_makes_that_file_unreadable_only()
    {
        byte[] tar = new TarWriter()
            .AddPax(("GNU.sparse.size", "9000"), ("GNU.sparse.name", "overlapping"), ("GNU.sparse.map", "1000,600,1200,300")).Add("a"u8.ToArray(), Stored())
            .AddPax(("GNU.sparse.size", "1200"), ("GNU.sparse.name", "beyond"), ("GNU.sparse.map", "1000,600,5000,300")).Add("b"u8.ToArray(), Stored())
            .AddPax(("GNU.sparse.size", "9000"), ("GNU.sparse.name", "short"), ("GNU.sparse.map", "1000,600,5000,301")).Add("c"u8.ToArray(), Stored())
            .AddPax(("GNU.sparse.major", "1"), ("GNU.sparse.name", "endless"), ("GNU.sparse.realsize", "9000")).Add("d"u8.ToArray(), Stored())
            .Add("next", "next").ToArray();
        await using Browser browser = await Browser.OpenAsync(_directory.Write("x.tar", tar));
        foreach (string name in new[] { "overlapping", "beyond", "short", "endless" })
        {
            Assert.Equal(Errno.EIO, await browser.TryReadAllAsync(name));
        }
        Assert.Equal("next"u8.ToArray(), await browser.ReadAllAsync("next"));
    }

    private static void PutPiece(byte[] header, int offset, long start, long length)
    {
        TarWriter.Put(header, offset, TarWriter.Octal(start));
        TarWriter.Put(header, offset + 12, TarWriter.Octal(length));
    }
}
