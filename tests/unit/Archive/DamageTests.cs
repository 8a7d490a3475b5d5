namespace Kaleidofs.Tests.Unit.Archive;

/// <summary>Every truncation, and a thousand times flipped bits: an error of the archive or of an entry, never another exception, never a hang.</summary>
public sealed class DamageTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    public static TheoryData<string> Kinds => ["zip", "tar", "tar.gz"];

    private static byte[] Make(string kind)
    {
        byte[] content = TestContent.MakeText(1, 900);
        if (kind == "zip")
        {
            ZipWriter zip = new();
            zip.Add("dir/stored"u8.ToArray(), content);
            zip.Add("dir/deflated"u8.ToArray(), content, 8);
            zip.Add("link", "target").Mode = 0xA1FF;
            zip.Add("described"u8.ToArray(), content, 8).HasDescriptor = true;
            return zip.ToArray();
        }
        byte[] tar = new TarWriter()
            .Add("dir/", type: '5')
            .AddPax(("path", "dir/long"), ("mtime", "1.5"), ("SCHILY.xattr.user.a", "b"))
            .Add("dir/file"u8.ToArray(), content)
            .Add("hard", type: '1', linkName: "dir/long")
            .AddPax(("GNU.sparse.size", "9000"), ("GNU.sparse.name", "sparse"), ("GNU.sparse.map", "1000,600,5000,300"))
            .Add("s"u8.ToArray(), content)
            .Add("link", type: '2', linkName: "target")
            .ToArray();
        return kind == "tar" ? tar : TarWriter.Gzip(tar);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Cut_off_at_any_byte_it_is_refused_or_serves_what_is_whole(string kind)
    {
        byte[] whole = Make(kind);
        for (int length = 0; length < whole.Length; length++)
        {
            await OpenAndReadAllAsync(whole[..length], $"{kind} cut off at {length}");
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task With_flipped_bits_it_is_refused_or_serves_something(string kind)
    {
        byte[] whole = Make(kind);
        int seed = Random.Shared.Next();
        Random random = new(seed);
        for (int round = 0; round < 1000; round++)
        {
            byte[] damaged = [.. whole];
            for (int flips = random.Next(1, 4); flips > 0; flips--)
            {
                damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            }
            await OpenAndReadAllAsync(damaged, $"{kind} with seed {seed}, round {round}");
        }
    }

    [Fact]
    public async Task A_tar_that_is_cut_off_serves_the_entries_before_and_says_so()
    {
        byte[] tar = new TarWriter().Add("one", "1").Add("two"u8.ToArray(), TestContent.Make(2, 5000)).Add("three", "3").ToArray();
        foreach (bool gzipped in new[] { false, true })
        {
            byte[] cut = gzipped ? TarWriter.Gzip(tar)[..^3000] : tar[..3000];
            await using Browser browser = await Browser.OpenAsync(_directory.Write("x.tar", cut));
            Assert.Equal(["one", "two"], await browser.ListAllAsync());
            Assert.Equal("1"u8.ToArray(), await browser.ReadAllAsync("one"));
            Assert.Equal(Errno.EIO, await browser.TryReadAllAsync("two"));
            Assert.Contains(browser.Log.Lines, line => line.Contains("cut off"));
        }
    }

    [Fact]
    public async Task Behind_a_damaged_tar_header_the_next_ones_are_found()
    {
        TarWriter writer = new TarWriter().Add("one", "1");
        int damaged = writer.Position;
        byte[] tar = writer.Add("two"u8.ToArray(), TestContent.Make(3, 3000)).Add("three", "3").ToArray();
        tar[damaged + 10] ^= 1;
        await using Browser browser = await Browser.OpenAsync(_directory.Write("x.tar", tar));
        Assert.Equal(["one", "three"], await browser.ListAllAsync());
        Assert.Equal("3"u8.ToArray(), await browser.ReadAllAsync("three"));
        Assert.Contains(browser.Log.Lines, line => line.Contains($"no header at byte {damaged}"));
    }

    [Fact]
    public async Task Gzip_data_with_a_wrong_checksum_is_refused()
    {
        byte[] gzip = TarWriter.Gzip(new TarWriter().Add("one", "1").ToArray());
        gzip[^8] ^= 1;
        string path = _directory.Write("x.tgz", gzip);
        SourceException exception = await Assert.ThrowsAsync<SourceException>(() => Browser.OpenAsync(path));
        Assert.Contains("checksum", exception.Message);
    }

    private async Task OpenAndReadAllAsync(byte[] archive, string what) => await DamagedArchive.ReadAsync(_directory["damaged"], archive, what);
}
