using System.Buffers.Binary;
using System.Text;
using Kaleidofs.Drivers.Archive.Deflate;

namespace Kaleidofs.Tests.Unit.Archive;

public sealed class ZipMetadataTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    private Task<Browser> OpenAsync(ZipWriter zip) => Browser.OpenAsync(_directory.Write("x.zip", zip.ToArray()));

    private static byte[] Field(ushort id, params byte[] content)
    {
        byte[] header = new byte[4];
        BinaryPrimitives.WriteUInt16LittleEndian(header, id);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(2), (ushort)content.Length);
        return [.. header, .. content];
    }

    [Fact]
    public async Task Unix_modes_are_kept_and_dos_attributes_translated()
    {
        ZipWriter zip = new();
        zip.Add("setuid", "x").Mode = 0x89ED;
        zip.Add("private/").Mode = 0x41C0;
        zip.Add("no-slash").Mode = 0x41ED;
        zip.Add("pipe").Mode = 0x1180;
        zip.Add("no-mode", "x");
        ZipWriterEntry dos = zip.Add("dos", "x");
        dos.Host = 0;
        dos.DosAttributes = 1;
        ZipWriterEntry dosDirectory = zip.Add("dos-directory");
        dosDirectory.Host = 0;
        dosDirectory.DosAttributes = 0x10;
        await using Browser browser = await OpenAsync(zip);
        Dictionary<string, uint> expected = new()
        {
            ["setuid"] = 0x89ED,
            ["private"] = 0x41C0,
            ["no-slash"] = 0x41ED,
            ["pipe"] = 0x1180,
            ["no-mode"] = 0x81A4,
            ["dos"] = 0x8124,
            ["dos-directory"] = 0x41ED,
        };
        foreach ((string name, uint mode) in expected)
        {
            Assert.Equal((name, mode), (name, (await browser.LookupAsync(name)).Mode));
        }
    }

    [Fact]
    public async Task Times_come_from_the_extra_fields_and_else_from_dos()
    {
        byte[] unix = Field(0x5455, [1, 0xD2, 0x02, 0x96, 0x49]);
        byte[] ntfsTimes = new byte[24];
        BinaryPrimitives.WriteInt64LittleEndian(ntfsTimes, (1_234_567_890L + 11_644_473_600) * 10_000_000 + 1_234_567);
        byte[] ntfs = Field(0x000a, [0, 0, 0, 0, .. Field(1, ntfsTimes)]);
        ZipWriter zip = new();
        zip.Add("dos").DosTime = (((2024 - 1980) << 9 | 2 << 5 | 29) << 16) | (13 << 11 | 14 << 5 | 15);
        zip.Add("bad-dos").DosTime = uint.MaxValue;
        zip.Add("unix").Extra = unix;
        zip.Add("ntfs").Extra = ntfs;
        zip.Add("both").Extra = [.. unix, .. ntfs];
        zip.Add("before-1970").Extra = Field(0x5455, [1, 0xFF, 0xFF, 0xFF, 0xFF]);
        zip.Add("old").Extra = Field(0x5855, [0, 0, 0, 0, 0xD2, 0x02, 0x96, 0x49]);
        await using Browser browser = await OpenAsync(zip);
        Assert.Equal(new DateTimeOffset(2024, 2, 29, 13, 14, 30, default).ToUnixTimeSeconds(), (await browser.LookupAsync("dos")).ModificationTime.Seconds);
        Assert.Equal(new DateTimeOffset(2107, 12, 31, 23, 59, 59, default).ToUnixTimeSeconds(), (await browser.LookupAsync("bad-dos")).ModificationTime.Seconds);
        Assert.Equal(new Timestamp(1_234_567_890), (await browser.LookupAsync("unix")).ModificationTime);
        Assert.Equal(new Timestamp(1_234_567_890, 123_456_700), (await browser.LookupAsync("ntfs")).ModificationTime);
        Assert.Equal(new Timestamp(1_234_567_890, 123_456_700), (await browser.LookupAsync("both")).ModificationTime);
        Assert.Equal(new Timestamp(-1), (await browser.LookupAsync("before-1970")).ModificationTime);
        Assert.Equal(new Timestamp(1_234_567_890), (await browser.LookupAsync("old")).ModificationTime);
    }

    [Fact]
    public async Task Owners_come_from_the_extra_fields()
    {
        ZipWriter zip = new();
        zip.Add("new").Extra = Field(0x7875, [1, 4, 0xE8, 3, 1, 0, 2, 0x0A, 0]);
        zip.Add("none");
        zip.Add("too-wide").Extra = Field(0x7875, [1, 8, 0, 0, 0, 0, 1, 0, 0, 0, 1, 5]);
        await using Browser browser = await OpenAsync(zip);
        Attributes attributes = await browser.LookupAsync("new");
        Assert.Equal((0x103E8u, 10u), (attributes.UserId, attributes.GroupId));
        Assert.Equal(0u, (await browser.LookupAsync("none")).UserId);
    }

    [Fact]
    public async Task Names_are_utf8_or_translated_from_the_ibm_character_set()
    {
        byte[] cp437 = [(byte)'c', (byte)'a', (byte)'f', 0x82, 0xE1];
        ZipWriter zip = new();
        zip.Add("flagged-é");
        zip.Add(cp437, [], 0).Flags = 0;
        zip.Add(Encoding.UTF8.GetBytes("unflagged-é"), [], 0).Flags = 0;
        ZipWriterEntry unicode = zip.Add([(byte)'x', 0x82], [], 0);
        unicode.Flags = 0;
        byte[] crc = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(crc, Crc32.Append(0, unicode.Name));
        unicode.Extra = Field(0x7075, [1, .. crc, .. Encoding.UTF8.GetBytes("voilà-漢")]);
        ZipWriterEntry stale = zip.Add([(byte)'y', 0x82], [], 0);
        stale.Flags = 0;
        stale.Extra = Field(0x7075, [1, 0, 0, 0, 0, .. "stale"u8]);
        await using Browser browser = await OpenAsync(zip);
        Assert.Equal(["flagged-é", "caféß", "unflagged-é", "voilà-漢", "yé"], await browser.ListAllAsync());
    }

    [Fact]
    public async Task Symbolic_links_lead_where_their_content_says()
    {
        ZipWriter zip = new();
        zip.Add("stored", "../target").Mode = 0xA1FF;
        zip.Add("deflated", new string('t', 4000), 8).Mode = 0xA1FF;
        zip.Add("too-long", new string('t', 4096)).Mode = 0xA1FF;
        zip.Add("empty").Mode = 0xA1FF;
        zip.Add("with-nul", "a\0b").Mode = 0xA1FF;
        await using Browser browser = await OpenAsync(zip);
        Assert.Equal("../target", await browser.ReadLinkAsync("stored"));
        Assert.Equal(new string('t', 4000), await browser.ReadLinkAsync("deflated"));
        Assert.Equal(4000ul, (await browser.LookupAsync("deflated")).Size);
        foreach (string name in new[] { "too-long", "empty", "with-nul" })
        {
            Result<ReadOnlyMemory<byte>> target = await browser.FileSystem.ReadLinkAsync(default, await browser.FindAsync(name));
            Assert.Equal(Errno.EIO, target.Errno);
        }
    }

    [Fact]
    public async Task Zip64_numbers_are_read_where_the_headers_refer_to_them()
    {
        byte[] content = TestContent.Make(1, 70_000);
        byte[] sizes = new byte[16];
        BinaryPrimitives.WriteInt64LittleEndian(sizes, content.Length);
        BinaryPrimitives.WriteInt64LittleEndian(sizes.AsSpan(8), content.Length);
        ZipWriter zip = new();
        ZipWriterEntry entry = zip.Add("wide"u8.ToArray(), content);
        entry.Size = uint.MaxValue;
        entry.CompressedSize = uint.MaxValue;
        entry.LocalExtra = Field(1, sizes);
        zip.Flush();
        byte[] offset = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(offset, entry.Offset);
        entry.Extra = Field(1, [.. sizes, .. offset]);
        entry.Offset = uint.MaxValue;
        await using Browser browser = await OpenAsync(zip);
        Assert.Equal(content, await browser.ReadAllAsync("wide"));
    }

    [Fact]
    public async Task A_backslash_from_dos_separates_and_from_unix_does_not()
    {
        ZipWriter zip = new();
        zip.Add("dos\\file", "dos").Host = 0;
        zip.Add("unix\\file", "unix");
        await using Browser browser = await OpenAsync(zip);
        Assert.Equal("dos"u8.ToArray(), await browser.ReadAllAsync("dos/file"));
        Assert.Equal("unix"u8.ToArray(), await browser.ReadAllAsync("unix\\file"));
    }
}
