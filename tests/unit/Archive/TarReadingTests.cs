using System.Formats.Tar;
using System.Text;

namespace Kaleidofs.Tests.Unit.Archive;

public sealed class TarReadingTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(TarEntryFormat.V7)]
    [InlineData(TarEntryFormat.Ustar)]
    [InlineData(TarEntryFormat.Gnu)]
    [InlineData(TarEntryFormat.Pax)]
    public async Task Entries_written_by_a_library_read_back_in_every_format(TarEntryFormat format)
    {
        byte[] content = TestContent.Make(1, 300_000);
        MemoryStream tar = new();
        using (System.Formats.Tar.TarWriter writer = new(tar, format, leaveOpen: true))
        {
            TarEntry file = format switch
            {
                TarEntryFormat.V7 => new V7TarEntry(TarEntryType.V7RegularFile, "dir/file"),
                TarEntryFormat.Ustar => new UstarTarEntry(TarEntryType.RegularFile, "dir/file"),
                TarEntryFormat.Gnu => new GnuTarEntry(TarEntryType.RegularFile, "dir/file"),
                _ => new PaxTarEntry(TarEntryType.RegularFile, "dir/file"),
            };
            file.Mode = (UnixFileMode)0b111_101_000;
            file.Uid = 1234;
            file.Gid = 99;
            file.ModificationTime = DateTimeOffset.FromUnixTimeSeconds(1_600_000_000);
            file.DataStream = new MemoryStream(content);
            writer.WriteEntry(file);
        }
        await using Browser browser = await Browser.OpenAsync(_directory.Write("x.tar", tar.ToArray()));
        Attributes attributes = await browser.LookupAsync("dir/file");
        Assert.Equal(FileType.Regular | 0x1E8, attributes.Mode);
        Assert.Equal((1234u, 99u), (attributes.UserId, attributes.GroupId));
        Assert.Equal(1_600_000_000, attributes.ModificationTime.Seconds);
        Assert.Equal(content, await browser.ReadAllAsync("dir/file"));
        Assert.Empty(browser.Log.Lines);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Random_offsets_agree_with_the_whole(bool gzipped)
    {
        byte[] content = TestContent.MakeText(2, 6_000_000);
        TarWriter tar = new TarWriter().Add("first"u8.ToArray(), TestContent.Make(3, 700)).Add("file"u8.ToArray(), content).Add("last", "the last");
        byte[] bytes = tar.ToArray();
        await using Browser browser = await Browser.OpenAsync(_directory.Write("x.tar", gzipped ? TarWriter.Gzip(bytes) : bytes), cacheBudget: 1 << 20);
        await ZipReadingTests.CheckRandomReadsAsync(browser, await browser.FindAsync("file"), content, seed: 4, reads: 300);
        Assert.Equal("the last"u8.ToArray(), await browser.ReadAllAsync("last"));
    }

    [Fact]
    public async Task Many_readers_of_a_gzipped_tar_at_once_see_the_same_content()
    {
        byte[] content = TestContent.MakeText(5, 5_000_000);
        await using Browser browser = await Browser.OpenAsync(_directory.Write("x.tgz", TarWriter.Gzip(new TarWriter().Add("file"u8.ToArray(), content).ToArray())), cacheBudget: 1 << 20);
        ulong inode = await browser.FindAsync("file");
        await Task.WhenAll(Enumerable.Range(0, 16).Select(reader => Task.Run(() =>
            ZipReadingTests.CheckRandomReadsAsync(browser, inode, content, seed: 200 + reader, reads: 30))));
    }

    [Fact]
    public async Task Gzip_members_one_after_the_other_are_one_stream()
    {
        byte[] content = TestContent.MakeText(6, 4_000_000);
        byte[] tar = new TarWriter().Add("file"u8.ToArray(), content).ToArray();
        byte[] bytes = [.. tar.Chunk(333_333).SelectMany(part => TarWriter.Gzip(part)), 0, 0, 0, 0];
        await using Browser browser = await Browser.OpenAsync(_directory.Write("x.tgz", bytes), cacheBudget: 1 << 20);
        await ZipReadingTests.CheckRandomReadsAsync(browser, await browser.FindAsync("file"), content, seed: 7, reads: 100);
    }

    [Fact]
    public async Task Types_links_and_devices_are_what_the_headers_say()
    {
        TarWriter tar = new TarWriter()
            .Add("dir/", type: '5', mode: "0001777")
            .Add("dir/file", "content")
            .Add("dir/hard", type: '1', linkName: "dir/file")
            .Add("later-first", type: '1', linkName: "later")
            .Add("later", "later content")
            .Add("soft", type: '2', linkName: "dir/../dir/file")
            .Add("fifo", type: '6')
            .Add("null", type: '3', change: header => { TarWriter.Put(header, 329, "0000001"); TarWriter.Put(header, 337, "0000003"); })
            .Add("disk", type: '4', change: header => { TarWriter.Put(header, 329, "0000403"); TarWriter.Put(header, 337, "0001001"); })
            .Add("old-directory/", type: '\0');
        await using Browser browser = await Browser.OpenAsync(_directory.Write("x.tar", tar.ToArray()));
        Attributes file = await browser.LookupAsync("dir/file");
        Attributes hard = await browser.LookupAsync("dir/hard");
        Assert.Equal(file.Inode, hard.Inode);
        Assert.Equal(2u, hard.LinkCount);
        Assert.Equal(FileType.Directory | 0x3FF, (await browser.LookupAsync("dir")).Mode);
        Assert.Equal((await browser.LookupAsync("later")).Inode, (await browser.LookupAsync("later-first")).Inode);
        Assert.Equal("dir/../dir/file", await browser.ReadLinkAsync("soft"));
        Assert.Equal(FileType.Fifo, (await browser.LookupAsync("fifo")).Mode & FileType.Mask);
        Assert.Equal((FileType.CharacterDevice | 0x1A4, 0x103u), ((await browser.LookupAsync("null")).Mode, (await browser.LookupAsync("null")).DeviceId));
        // Major 0x103, minor 0x201: the kernel keeps the minor's upper bits above the major.
        Assert.Equal(0x0020_0000u | 0x10301u, (await browser.LookupAsync("disk")).DeviceId);
        Assert.True((await browser.LookupAsync("old-directory")).IsDirectory);
    }

    [Fact]
    public async Task Pax_records_override_the_header()
    {
        string longName = string.Join('/', Enumerable.Repeat(new string('n', 200), 3)) + "/é";
        TarWriter tar = new TarWriter()
            .AddPax('g', ("mtime", "1000000000.5"), ("comment", "for all"))
            .AddPax(("path", longName), ("mtime", "1234567890.123456789"), ("atime", "-1.25"), ("uid", "4000000000"), ("gid", "3000000000"),
                ("SCHILY.xattr.user.one", "value\0with a zero"), ("LIBARCHIVE.xattr.user.two%20words", "YmluYXJ5"))
            .Add("short", "content")
            .Add("other", "content")
            .AddPax(("linkpath", new string('t', 300)))
            .Add("link", type: '2', linkName: "short");
        await using Browser browser = await Browser.OpenAsync(_directory.Write("x.tar", tar.ToArray()));
        Attributes attributes = await browser.LookupAsync(longName);
        Assert.Equal(new Timestamp(1_234_567_890, 123_456_789), attributes.ModificationTime);
        Assert.Equal(new Timestamp(-2, 750_000_000), attributes.AccessTime);
        Assert.Equal((4_000_000_000u, 3_000_000_000u), (attributes.UserId, attributes.GroupId));
        Assert.Equal(new Timestamp(1_000_000_000, 500_000_000), (await browser.LookupAsync("other")).ModificationTime);
        Assert.Equal(new string('t', 300), await browser.ReadLinkAsync("link"));

        Result<ReadOnlyMemory<byte>> names = await browser.FileSystem.ListExtendedAttributesAsync(default, attributes.Inode);
        Assert.Equal("user.one\0user.two words\0", Encoding.UTF8.GetString(names.Value.Span));
        Result<ReadOnlyMemory<byte>> value = await browser.FileSystem.GetExtendedAttributeAsync(default, attributes.Inode, "user.one"u8.ToArray());
        Assert.Equal("value\0with a zero", Encoding.UTF8.GetString(value.Value.Span));
        value = await browser.FileSystem.GetExtendedAttributeAsync(default, attributes.Inode, "user.two words"u8.ToArray());
        Assert.Equal("binary", Encoding.UTF8.GetString(value.Value.Span));
        value = await browser.FileSystem.GetExtendedAttributeAsync(default, attributes.Inode, "user.three"u8.ToArray());
        Assert.Equal(Errno.ENODATA, value.Errno);
    }

    [Fact]
    public async Task Gnu_long_names_and_binary_numbers_are_understood()
    {
        string longName = new string('l', 180) + "/" + new string('m', 150);
        TarWriter tar = new TarWriter()
            .Add("././@LongLink", longName + "\0", 'L', magic: "ustar  \0")
            .Add("././@LongLink", new string('k', 200) + "\0", 'K', magic: "ustar  \0")
            .Add(longName[..100], type: '2', linkName: "kkk", magic: "ustar  \0")
            .Add("file", "12345", magic: "ustar  \0", change: header =>
            {
                new byte[] { 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5 }.CopyTo(header, 124);
                new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE }.CopyTo(header, 136);
                new byte[] { 0x80, 0, 0, 0, 0xFF, 0, 0, 0 }.CopyTo(header, 108);
            });
        await using Browser browser = await Browser.OpenAsync(_directory.Write("x.tar", tar.ToArray()));
        Assert.Equal(new string('k', 200), await browser.ReadLinkAsync(longName));
        Attributes attributes = await browser.LookupAsync("file");
        Assert.Equal((5ul, -2L, 0xFF00_0000u), (attributes.Size, attributes.ModificationTime.Seconds, attributes.UserId));
        Assert.Equal("12345"u8.ToArray(), await browser.ReadAllAsync("file"));
    }

    [Fact]
    public async Task A_lone_zero_block_is_passed_over_and_two_end_the_archive()
    {
        TarWriter tar = new TarWriter().Add("one", "1").AddZeroBlock().Add("two", "2").AddZeroBlock().AddZeroBlock().Add("three", "3");
        await using Browser browser = await Browser.OpenAsync(_directory.Write("x.tar", tar.ToArray()));
        Assert.Equal(["one", "two"], await browser.ListAllAsync());
    }
}
