using System.Buffers.Binary;
using System.Text;
using Kaleidofs.Drivers.Archive.Deflate;

namespace Kaleidofs.Tests.Unit.Archive;

/// <summary>
/// The fourteen kinds of zips that parsers read in different ways, as the ZipDiff study (USENIX Security 2025) numbers them: the table
/// in drivers/archive/README.md says what becomes of each. B3 is also in <see cref="ZipHostileTests"/>.
/// </summary>
public sealed class ZipAmbiguityTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    private Task<Browser> OpenAsync(byte[] zip) => Browser.OpenAsync(_directory.Write("x.zip", zip));

    [Theory]
    [InlineData((ushort)8, (ushort)0)]
    [InlineData((ushort)0, (ushort)8)]
    public async Task A1_Two_compression_methods(ushort method, ushort localMethod)
    {
        ZipWriter zip = new();
        ZipWriterEntry entry = zip.Add("file"u8.ToArray(), "test"u8.ToArray(), 8);
        (entry.Method, entry.LocalMethod) = (method, localMethod);
        await ExpectErrorAsync(zip, "local header differs");
    }

    public static TheoryData<string> Sizes => ["local", "central", "descriptor", "local beside descriptor", "zip64", "two zip64 fields", "two local zip64 fields", "no descriptor where one should be"];

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task A2_Two_sizes(string kind)
    {
        ZipWriter zip = new();
        ZipWriterEntry entry = zip.Add("file", "content");
        byte[] zip64 = [1, 0, 8, 0, 7, 0, 0, 0, 0, 0, 0, 0];
        switch (kind)
        {
            case "local":
                entry.LocalSize = 3;
                break;
            case "central":
                (entry.LocalSize, entry.Size) = (7, 3);
                break;
            case "descriptor":
                entry.Data = [.. entry.Data, .. "PK\x07\x08"u8, .. BitConverter.GetBytes(entry.Crc), 7, 0, 0, 0, 9, 0, 0, 0];
                entry.Flags |= 8;
                break;
            case "local beside descriptor":
                entry.Data = [.. entry.Data, .. "PK\x07\x08"u8, .. BitConverter.GetBytes(entry.Crc), 7, 0, 0, 0, 7, 0, 0, 0];
                entry.Flags |= 8;
                entry.LocalSize = 3;
                break;
            case "zip64":
                entry.LocalSize = uint.MaxValue;
                entry.LocalExtra = [1, 0, 8, 0, 3, 0, 0, 0, 0, 0, 0, 0];
                break;
            case "two zip64 fields":
                (entry.LocalSize, entry.Size) = (7, uint.MaxValue);
                entry.Extra = [.. zip64, 1, 0, 8, 0, 3, 0, 0, 0, 0, 0, 0, 0];
                break;
            case "two local zip64 fields":
                entry.LocalSize = uint.MaxValue;
                entry.LocalExtra = [.. zip64, 1, 0, 8, 0, 3, 0, 0, 0, 0, 0, 0, 0];
                break;
            case "no descriptor where one should be":
                entry.Data = [.. entry.Data, .. "something else, and longer"u8];
                entry.Flags |= 8;
                break;
        }
        await ExpectErrorAsync(zip, "");
    }

    [Fact]
    public async Task A2_Every_form_of_a_descriptor_that_agrees_is_read()
    {
        ZipWriter zip = new();
        foreach (bool isSigned in new[] { false, true })
        {
            foreach (bool isWide in new[] { false, true })
            {
                ZipWriterEntry entry = zip.Add($"{isSigned} {isWide}", "content");
                byte[] size = isWide ? [7, 0, 0, 0, 0, 0, 0, 0] : [7, 0, 0, 0];
                entry.Data = [.. entry.Data, .. isSigned ? "PK\x07\x08"u8 : [], .. BitConverter.GetBytes(entry.Crc), .. size, .. size];
                entry.Flags |= 8;
            }
        }
        await using Browser browser = await OpenAsync(zip.ToArray());
        foreach (string name in await browser.ListAllAsync())
        {
            Assert.Equal("content"u8.ToArray(), await browser.ReadAllAsync(name));
        }
        Assert.Empty(browser.Log.Lines);
    }

    [Fact]
    public async Task A3_Two_names()
    {
        ZipWriter different = new();
        different.Add("file", "content").LocalName = "elif"u8.ToArray();
        await ExpectErrorAsync(different, "local header differs");

        ZipWriter unicode = new();
        ZipWriterEntry entry = unicode.Add("file", "content");
        entry.Flags = 0;
        (entry.Extra, entry.LocalExtra) = (UnicodePath("file", "central"), UnicodePath("file", "local"));
        await ExpectErrorAsync(unicode, "extra fields differ");
    }

    [Fact]
    public async Task A3_A_Unicode_name_that_does_not_count_is_reported()
    {
        ZipWriter zip = new();
        foreach ((string name, byte[] field) in new[]
        {
            ("v\u00e9", UnicodePath("v\u00e9", "version", version: 2)),
            ("c\u00e9", UnicodePath("other", "stale")),
            ("t\u00e9", (byte[])[.. UnicodePath("t\u00e9", "t-one"), .. UnicodePath("t\u00e9", "t-two")]),
        })
        {
            ZipWriterEntry entry = zip.Add(name, name);
            entry.Flags = 0;
            (entry.Extra, entry.LocalExtra) = (field, field);
        }
        await using Browser browser = await OpenAsync(zip.ToArray());
        Assert.Equal(["v\u00e9", "c\u00e9", "t-one"], await browser.ListAllAsync());
        Assert.Contains("3 entries have a Unicode name", Assert.Single(browser.Log.Lines));
    }

    [Fact]
    public async Task A4_A_directory_or_a_file()
    {
        ZipWriter zip = new();
        zip.Add("slash/", "content");
        ZipWriterEntry dos = zip.Add("dos", "content");
        (dos.Host, dos.DosAttributes) = (0, 0x10);
        zip.Add("unix", "").Mode = 0x41ED;
        zip.Add("unix-file/", "").Mode = 0x81A4;
        ZipWriterEntry both = zip.Add("both", "content");
        (both.Mode, both.DosAttributes) = (0x81A4, 0x10);
        await using Browser browser = await OpenAsync(zip.ToArray());
        Assert.Equal([true, true, true, true, false], (await browser.WalkAsync()).Select(entry => entry.Attributes.IsDirectory));
        Assert.Contains(browser.Log.Lines, line => line.Contains("4 entries are a directory by their name's end or one of their attributes"));
        Assert.Contains(browser.Log.Lines, line => line.Contains("2 directories have content"));
        Assert.Equal(2, browser.Log.Lines.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A5_Encrypted_or_not(bool isLocal)
    {
        ZipWriter zip = new();
        ZipWriterEntry entry = zip.Add("file", new string('c', 20));
        entry.Flags |= (ushort)(isLocal ? 1 : 0);
        zip.Flush();
        entry.Flags ^= 1;
        await ExpectErrorAsync(zip, "local header differs");
    }

    [Fact]
    public async Task B1_One_name_twice()
    {
        ZipWriter zip = new();
        zip.Add("test", "a");
        zip.Add("test", "b");
        await using Browser browser = await OpenAsync(zip.ToArray());
        Assert.Equal("b"u8.ToArray(), await browser.ReadAllAsync("test"));
        Assert.Contains("1 entries have the name of a later one", Assert.Single(browser.Log.Lines));
    }

    [Fact]
    public async Task B2_Special_bytes_in_names_are_kept_or_the_entry_is_not_shown()
    {
        ZipWriter zip = new();
        for (int value = 1; value < 256; value++)
        {
            if (value is not ('/' or '.'))
            {
                zip.Add([(byte)'a', (byte)value, (byte)'b'], [(byte)value], 0).Flags = 0;
            }
        }
        zip.Add([(byte)'a', 0, (byte)'b'], [0], 0);
        await using Browser browser = await OpenAsync(zip.ToArray());
        HashSet<byte> contents = [];
        foreach ((string _, Attributes attributes) in await browser.WalkAsync())
        {
            contents.Add((await browser.ReadAsync(attributes.Inode, 0, 1)).Content[0]);
        }
        Assert.Equal(253, contents.Count);
        Assert.Contains("1 entries are not shown: a NUL byte", Assert.Single(browser.Log.Lines));
    }

    [Theory]
    [InlineData("/a/b")]
    [InlineData("a//b")]
    [InlineData("./a/b")]
    [InlineData("a/./b")]
    [InlineData("../a/b")]
    [InlineData("c/../a/b")]
    [InlineData(".../a/b")]
    public async Task B3_Two_spellings_of_one_path(string path)
    {
        ZipWriter zip = new();
        zip.Add("a/b", "a");
        zip.Add(path, "b");
        await using Browser browser = await OpenAsync(zip.ToArray());
        bool isSame = !path.Contains("..", StringComparison.Ordinal);
        Assert.Equal(isSame ? "b"u8.ToArray() : "a"u8.ToArray(), await browser.ReadAllAsync("a/b"));
        // Three dots are a name like any other.
        Assert.Equal(path.StartsWith("...", StringComparison.Ordinal) ? 0 : 1, browser.Log.Lines.Count);
    }

    [Fact]
    public async Task B4_Names_that_differ_only_in_case_are_two_files()
    {
        ZipWriter zip = new();
        zip.Add("test.txt", "a");
        zip.Add("test.TXT", "b");
        await using Browser browser = await OpenAsync(zip.ToArray());
        Assert.Equal("a"u8.ToArray(), await browser.ReadAllAsync("test.txt"));
        Assert.Equal("b"u8.ToArray(), await browser.ReadAllAsync("test.TXT"));
    }

    [Fact]
    public async Task C1_Entries_that_the_central_directory_does_not_name_are_reported()
    {
        ZipWriterEntry hidden = new("hidden"u8.ToArray(), "content"u8.ToArray(), 0);
        byte[] local = hidden.GetLocal();
        foreach (int place in new[] { 0, 1, 2 })
        {
            ZipWriter zip = new();
            foreach (string name in new[] { "one", "two" })
            {
                ZipWriterEntry entry = zip.Add(name, name);
                // As long as what tools write there and nowhere else.
                entry.LocalExtra = [0x55, 0x54, 9, 0, 3, .. new byte[8]];
                if (place == 0 && name == "one")
                {
                    zip.WritePrefix(local);
                }
                zip.Flush();
                if (place == 1 && name == "one")
                {
                    zip.WritePrefix(local);
                }
            }
            await using Browser browser = await OpenAsync(zip.ToArray());
            Assert.Equal(["one", "two"], await browser.ListAllAsync());
            Assert.Equal("two"u8.ToArray(), await browser.ReadAllAsync("two"));
            if (place == 2)
            {
                Assert.Empty(browser.Log.Lines);
            }
            else
            {
                Assert.Contains("1 places between its entries have headers", Assert.Single(browser.Log.Lines));
            }
        }
    }

    [Fact]
    public async Task C1_An_entry_within_another_or_within_the_directory_is_an_error()
    {
        ZipWriter zip = new();
        ZipWriterEntry inner = new("inner"u8.ToArray(), "content"u8.ToArray(), 0);
        byte[] local = inner.GetLocal();
        ZipWriterEntry outer = zip.Add("outer"u8.ToArray(), local);
        zip.Flush();
        ZipWriterEntry listed = zip.Add("inner", "content");
        (listed.IsWritten, listed.Offset) = (true, (uint)(zip.Position - local.Length));
        ZipWriterEntry late = zip.Add("late", "content");
        (late.IsWritten, late.Offset) = (true, (uint)zip.Position + 20);
        await using Browser browser = await OpenAsync(zip.ToArray());
        Assert.Equal(Errno.EIO, await browser.TryReadAllAsync("outer"));
        Assert.Equal(Errno.EIO, await browser.TryReadAllAsync("late"));
        Assert.NotNull(outer);
    }

    [Fact]
    public async Task C2_Two_end_records()
    {
        ZipWriter one = new();
        one.Add("one", "1");
        byte[] plain = one.ToArray();
        foreach ((byte[] after, int missing) in new[] { ((byte[])[], 0), ([0], 0), ([0], 1), ([], 1) })
        {
            ZipWriter two = new() { Comment = [.. plain, .. after] };
            two.Add("another name", "2");
            byte[] zip = two.ToArray();
            int position = zip.AsSpan().IndexOf("PK\x05\x06"u8);
            BinaryPrimitives.WriteUInt16LittleEndian(zip.AsSpan(position + 20), (ushort)(plain.Length + after.Length - missing));
            if (missing == 0)
            {
                await RefusedAsync(zip, "2 records could be its end");
                continue;
            }
            // With a comment that ends too early the other record is nearer to the file's end, and what is before is a prefix to all but those who read from its beginning.
            await using Browser last = await OpenAsync(zip);
            Assert.Equal(["one"], await last.ListAllAsync());
            Assert.Contains("1 places between its entries have headers", Assert.Single(last.Log.Lines));
        }
        // An archive stored in an archive ends before the other's directory begins: that is content.
        ZipWriter outer = new();
        outer.Add("inner.zip"u8.ToArray(), plain);
        await using Browser browser = await OpenAsync([.. outer.ToArray(), 0, 0]);
        Assert.Equal(["inner.zip"], await browser.ListAllAsync());
    }

    [Theory]
    [InlineData(8)]
    [InlineData(10)]
    [InlineData(12)]
    public async Task C3_Another_number_of_entries(int field)
    {
        ZipWriter zip = new();
        zip.Add("a", "a");
        zip.Add("b", "b");
        byte[] bytes = zip.ToArray();
        bytes[bytes.Length - 22 + field] = field == 12 ? (byte)47 : (byte)1;
        await RefusedAsync(bytes, "");
    }

    [Fact]
    public async Task C3_More_entries_than_the_end_record_can_count_are_reported()
    {
        ZipWriter zip = new();
        for (int i = 0; i < 65_537; i++)
        {
            zip.Add(Encoding.UTF8.GetBytes($"{i:x}"), [], 0);
        }
        await using Browser browser = await OpenAsync(zip.ToArray());
        Assert.Equal(65_537ul, (await browser.FileSystem.GetStatisticsAsync(default, 1)).Value.Files - 1);
        Assert.Contains("65537 entries are in its central directory, 1 by its last record", Assert.Single(browser.Log.Lines));
    }

    [Fact]
    public async Task C4_Two_places_of_the_central_directory()
    {
        ZipWriter first = new();
        first.Add("first", "1");
        byte[] told = first.ToArray()[..^22];
        ZipWriter second = new();
        second.Add("other", "2");
        byte[] zip = [.. told, .. second.ToArray()];
        int directory = told.AsSpan().IndexOf("PK\x01\x02"u8);
        BinaryPrimitives.WriteUInt32LittleEndian(zip.AsSpan(zip.Length - 6), (uint)directory);
        await RefusedAsync(zip, "another one right before it");
    }

    public static TheoryData<string, string> Zip64Kinds => new()
    {
        { "agrees", "" },
        { "count differs", "two end records differ" },
        { "offset differs", "two end records differ" },
        { "gap", "something stands between" },
        { "leads nowhere", "does not lead to a central directory" },
        { "two records", "two zip64 records could be its end" },
        { "count here", "does not lead to a central directory" },
    };

    [Theory]
    [MemberData(nameof(Zip64Kinds))]
    public async Task C5_Two_zip64_ends(string kind, string reason)
    {
        ZipWriter writer = new();
        writer.Add("a", "a");
        writer.Add("b", "b");
        byte[] zip = writer.ToArray();
        byte[] body = zip[..^22];
        byte[] end = zip[^22..];
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(end.AsSpan(12));
        uint offset = BinaryPrimitives.ReadUInt32LittleEndian(end.AsSpan(16));
        byte[] inside = kind == "two records" ? Zip64End(2, length, offset, 0) : kind == "gap" ? new byte[9] : [];
        byte[] record = Zip64End(2, length, offset, kind == "two records" ? inside.Length : 0);
        if (kind == "count here")
        {
            record[24] = 1;
        }
        byte[] locator = [.. "PK\x06\x07"u8, 0, 0, 0, 0, .. BitConverter.GetBytes(kind == "leads nowhere" ? 3L : body.Length), 1, 0, 0, 0];
        end[8] = end[10] = kind == "count differs" ? (byte)1 : (byte)2;
        end[16] += kind == "offset differs" ? (byte)1 : (byte)0;
        byte[] whole = [.. body, .. kind == "leads nowhere" ? [] : record, .. inside, .. locator, .. end];
        if (reason.Length > 0)
        {
            await RefusedAsync(whole, reason);
            return;
        }
        await using Browser browser = await OpenAsync(whole);
        Assert.Equal("b"u8.ToArray(), await browser.ReadAllAsync("b"));
        Assert.Empty(browser.Log.Lines);
    }

    private static byte[] Zip64End(long count, long length, long offset, int more)
        => [.. "PK\x06\x06"u8, .. BitConverter.GetBytes(44L + more), 45, 0, 45, 0, .. new byte[8], .. BitConverter.GetBytes(count), .. BitConverter.GetBytes(count),
            .. BitConverter.GetBytes(length), .. BitConverter.GetBytes(offset)];

    private static byte[] UnicodePath(string headerName, string name, byte version = 1)
    {
        byte[] path = Encoding.UTF8.GetBytes(name);
        return [0x75, 0x70, (byte)(5 + path.Length), 0, version, .. BitConverter.GetBytes(Crc32.Append(0, Encoding.UTF8.GetBytes(headerName))), .. path];
    }

    /// <summary>The first entry cannot be read, for a reason that is told once; one behind it can.</summary>
    private async Task ExpectErrorAsync(ZipWriter zip, string reason)
    {
        zip.Flush();
        zip.Add("good", "good");
        await using Browser browser = await OpenAsync(zip.ToArray());
        Attributes attributes = (await browser.WalkAsync())[0].Attributes;
        Assert.Equal(Errno.EIO, (await browser.FileSystem.OpenAsync(default, attributes.Inode, OpenFlags.ReadOnly)).Errno);
        // What has no size that is known is shown as empty.
        Assert.Equal(attributes.Size == 0 ? Errno.None : Errno.EIO, (await browser.ReadAsync(attributes.Inode, 0, 10)).Errno);
        Assert.Equal("good"u8.ToArray(), await browser.ReadAllAsync("good"));
        Assert.Contains(reason, Assert.Single(browser.Log.Lines));
    }

    private async Task RefusedAsync(byte[] zip, string reason)
    {
        string path = _directory.Write("refused.zip", zip);
        SourceException exception = await Assert.ThrowsAsync<SourceException>(() => Browser.OpenAsync(path));
        Assert.StartsWith(path + ": ", exception.Message);
        Assert.Contains(reason, exception.Message);
        Assert.DoesNotContain('\n', exception.Message);
    }
}
