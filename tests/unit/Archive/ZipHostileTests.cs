using System.Buffers.Binary;
using System.Text;

namespace Kaleidofs.Tests.Unit.Archive;

/// <summary>What drivers/archive/README.md promises for zips that nobody vouches for.</summary>
public sealed class ZipHostileTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    private Task<Browser> OpenAsync(byte[] zip) => Browser.OpenAsync(_directory.Write("x.zip", zip));

    private Task<Browser> OpenAsync(ZipWriter zip) => OpenAsync(zip.ToArray());

    [Fact]
    public async Task Names_never_lead_out_of_the_tree()
    {
        ZipWriter zip = new();
        foreach (string name in new[] { "/absolute", "//twice//over", "./dot/./file", "../up", "a/../../up", "..", "nul\0name", "a/" + new string('n', 256), "good" })
        {
            zip.Add(name, name);
        }
        await using Browser browser = await OpenAsync(zip);
        Assert.Equal(["absolute", "twice", "twice/over", "dot", "dot/file", "good"], await browser.ListAllAsync());
        Assert.Contains(browser.Log.Lines, line => line.Contains("3 entries are not shown: '..' in their path"));
        Assert.Contains(browser.Log.Lines, line => line.Contains("1 entries are not shown: a NUL byte"));
        Assert.Contains(browser.Log.Lines, line => line.Contains("1 entries are not shown: names over 255 bytes"));
    }

    [Fact]
    public async Task The_last_of_equal_names_wins_and_a_directory_over_a_file()
    {
        ZipWriter zip = new();
        zip.Add("twice", "first");
        zip.Add("twice", "second");
        zip.Add("both", "a file");
        zip.Add("both/below", "below");
        zip.Add("dir/", "");
        zip.Add("dir", "a file");
        zip.Add("dir/", "").Mode = 0x41C0;
        await using Browser browser = await OpenAsync(zip);
        Assert.Equal(["twice", "both", "both/below", "dir"], await browser.ListAllAsync());
        Assert.Equal("second"u8.ToArray(), await browser.ReadAllAsync("twice"));
        Assert.Equal("below"u8.ToArray(), await browser.ReadAllAsync("both/below"));
        Assert.Equal(0x41C0u, (await browser.LookupAsync("dir")).Mode);
    }

    [Fact]
    public async Task Endless_paths_are_refused_before_they_fill_the_memory()
    {
        ZipWriter zip = new();
        zip.Add(string.Concat(Enumerable.Repeat("d/", 999)) + "file");
        zip.Add(string.Concat(Enumerable.Repeat("d/", 1001)) + "file");
        for (int i = 0; i < 100; i++)
        {
            zip.Add($"{i}/" + string.Concat(Enumerable.Repeat("d/", 900)) + "file");
        }
        await using Browser browser = await OpenAsync(zip);
        FileSystemStatistics statistics = (await browser.FileSystem.GetStatisticsAsync(default, 1)).Value;
        Assert.InRange(statistics.Files, 60_000ul, 70_000ul);
        Assert.Contains(browser.Log.Lines, line => line.Contains("1 entries are not shown: paths over"));
        Assert.Contains(browser.Log.Lines, line => line.Contains("too many directories"));
    }

    [Fact]
    public async Task What_is_encrypted_or_unknown_is_listed_and_refused()
    {
        ZipWriter zip = new();
        zip.Add("encrypted", "secret").Flags |= 1 | (1 << 6);
        ZipWriterEntry unknown = zip.Add("unknown", "method");
        (unknown.Method, unknown.LocalMethod) = (77, 77);
        zip.Add("good", "good");
        await using Browser browser = await OpenAsync(zip);
        foreach (string name in new[] { "encrypted", "unknown" })
        {
            ulong inode = await browser.FindAsync(name);
            Assert.Equal(Errno.EOPNOTSUPP, (await browser.FileSystem.OpenAsync(default, inode, OpenFlags.ReadOnly)).Errno);
            Assert.Equal(Errno.EOPNOTSUPP, (await browser.ReadAsync(inode, 0, 10)).Errno);
        }
        Assert.Equal("good"u8.ToArray(), await browser.ReadAllAsync("good"));
        Assert.Equal(2, browser.Log.Lines.Count);
    }

    [Fact]
    public async Task Lies_about_sizes_and_checksums_are_errors_of_that_entry()
    {
        byte[] small = TestContent.MakeText(1, 50_000);
        byte[] large = TestContent.MakeText(2, 500_000);
        ZipWriter zip = new();
        foreach ((string kind, byte[] content) in new[] { ("small", small), ("large", large) })
        {
            byte[] Name(string name) => Encoding.UTF8.GetBytes($"{kind}-{name}");
            zip.Add(Name("crc"), content, 8).Crc ^= 1;
            zip.Add(Name("longer"), content, 8).Size += 1;
            zip.Add(Name("shorter"), content, 8).Size -= 1;
            zip.Add(Name("far-longer"), content, 8).Size = 0xFFFF_0000;
            ZipWriterEntry cut = zip.Add(Name("cut"), content, 8);
            cut.Data = cut.Data[..^10];
            cut.CompressedSize -= 10;
            ZipWriterEntry garbage = zip.Add(Name("garbage"), content, 8);
            garbage.Data = [.. garbage.Data[..1000], .. TestContent.Make(3, 1000), .. garbage.Data[2000..]];
            ZipWriterEntry stored = zip.Add(Name("stored"), content);
            stored.Size -= 1;
            zip.Add(Name("good"), content, 8);
        }
        await using Browser browser = await OpenAsync(zip);
        foreach ((string kind, byte[] content) in new[] { ("small", small), ("large", large) })
        {
            foreach (string name in new[] { "crc", "longer", "shorter", "far-longer", "cut", "garbage", "stored" })
            {
                Assert.Equal((name, Errno.EIO), (name, await browser.TryReadAllAsync($"{kind}-{name}")));
            }
            Assert.Equal(content, await browser.ReadAllAsync($"{kind}-good"));
        }
        Assert.Equal(14, browser.Log.Lines.Count);
    }

    [Fact]
    public async Task Headers_that_disagree_are_errors_of_that_entry()
    {
        ZipWriter zip = new();
        zip.Add("name", "content").LocalName = "eman"u8.ToArray();
        zip.Add("longer-name", "content").LocalName = "longer-name-than"u8.ToArray();
        zip.Add("method", "content").LocalMethod = 8;
        zip.Add("size", "content").LocalSize = 3;
        zip.Add("good", "content");
        await using Browser browser = await OpenAsync(zip);
        foreach (string name in new[] { "name", "longer-name", "method", "size" })
        {
            Assert.Equal((name, Errno.EIO), (name, await browser.TryReadAllAsync(name)));
        }
        Assert.Equal("content"u8.ToArray(), await browser.ReadAllAsync("good"));
    }

    [Fact]
    public async Task Entries_that_share_bytes_are_refused()
    {
        byte[] content = TestContent.MakeText(4, 20_000);
        ZipWriter zip = new();
        ZipWriterEntry kernel = zip.Add("kernel"u8.ToArray(), content, 8);
        zip.Flush();
        // One header for two entries: as bombs do that list one kernel a million times.
        ZipWriterEntry again = zip.Add("again"u8.ToArray(), content, 8);
        (again.IsWritten, again.Offset) = (true, kernel.Offset);
        // A stored entry that quotes the header and the data of the next one.
        ZipWriterEntry quoted = new("quoted"u8.ToArray(), content, 8);
        byte[] inner = quoted.GetLocal();
        ZipWriterEntry quoting = zip.Add("quoting"u8.ToArray(), inner);
        zip.Flush();
        ZipWriterEntry listed = zip.Add("quoted"u8.ToArray(), content, 8);
        (listed.IsWritten, listed.Offset) = (true, (uint)(zip.Position - inner.Length));
        ZipWriterEntry outside = zip.Add("outside", "x");
        outside.IsWritten = true;
        outside.Offset = 0x7FFF_0000;
        zip.Add("good", "good");
        await using Browser browser = await OpenAsync(zip);
        foreach (string name in new[] { "kernel", "again", "quoting", "outside" })
        {
            Assert.Equal((name, Errno.EIO), (name, await browser.TryReadAllAsync(name)));
        }
        Assert.Equal("good"u8.ToArray(), await browser.ReadAllAsync("good"));
        Assert.NotNull(quoting);
    }

    [Fact]
    public async Task A_stored_entry_is_checked_before_it_is_first_served()
    {
        ZipWriter zip = new();
        zip.Add("small"u8.ToArray(), TestContent.Make(6, 1000)).Crc ^= 1;
        zip.Add("longer"u8.ToArray(), TestContent.Make(7, 1_000_000)).Crc ^= 1;
        zip.Add("long"u8.ToArray(), TestContent.Make(8, 17 << 20)).Crc ^= 1;
        zip.Add("good"u8.ToArray(), TestContent.Make(9, 1_000_000));
        string path = _directory.Write("x.zip", zip.ToArray());
        foreach ((string verify, Errno small, Errno large) in new[] { ("none", Errno.None, Errno.None), ("small", Errno.EIO, Errno.None), ("all", Errno.EIO, Errno.EIO) })
        {
            await using Browser browser = await Browser.OpenAsync(path, options: new() { ["verify"] = verify });
            Assert.Equal(small, (await browser.ReadAsync(await browser.FindAsync("small"), 0, 10)).Errno);
            Assert.Equal(small, (await browser.ReadAsync(await browser.FindAsync("longer"), 500_000, 10)).Errno);
            Assert.Equal(large, (await browser.ReadAsync(await browser.FindAsync("long"), 0, 10)).Errno);
            Assert.Equal(Errno.None, await browser.TryReadAllAsync("good"));
        }
        SourceException exception = await Assert.ThrowsAsync<SourceException>(() => Browser.OpenAsync(path, options: new() { ["verify"] = "some" }));
        Assert.True(exception.IsUsageError);
    }

    [Fact]
    public async Task A_long_entry_that_was_found_damaged_stays_so()
    {
        ZipWriter zip = new();
        zip.Add("file"u8.ToArray(), TestContent.MakeText(10, 3_000_000), 8).Crc ^= 1;
        await using Browser browser = await Browser.OpenAsync(_directory.Write("x.zip", zip.ToArray()), cacheBudget: 0);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(Errno.EIO, await browser.TryReadAllAsync("file"));
        }
        Assert.Single(browser.Log.Lines);
    }

    [Fact]
    public async Task A_bomb_costs_what_is_read_of_it()
    {
        byte[] zeros = ZipWriter.Deflate(new byte[200 << 20]);
        ZipWriter zip = new();
        ZipWriterEntry bomb = zip.Add("bomb"u8.ToArray(), []);
        (bomb.Method, bomb.LocalMethod, bomb.Data, bomb.CompressedSize, bomb.Size) = (8, 8, zeros, (uint)zeros.Length, 200 << 20);
        await using Browser browser = await Browser.OpenAsync(_directory.Write("x.zip", zip.ToArray()), cacheBudget: 1 << 20);
        (Errno errno, byte[] content) = await browser.ReadAsync(await browser.FindAsync("bomb"), 1 << 20, 100_000);
        Assert.Equal(Errno.None, errno);
        Assert.True(content.Length == 100_000 && !content.AsSpan().ContainsAnyExcept((byte)0));
    }

    [Fact]
    public async Task The_end_record_must_be_one_and_lead_to_a_directory()
    {
        ZipWriter one = new();
        one.Add("one", "1");
        byte[] plain = one.ToArray();
        await Refused(plain[..^30], "no end-of-central-directory record");

        // Another record in the comment: one that leads nowhere is only a comment, one that leads somewhere makes two archives of one file.
        ZipWriter commented = new() { Comment = [.. "PK\x05\x06"u8, 0, 0, 0, 0, 9, 0, 9, 0, 99, 0, 0, 0, 9, 9, 0, 0, 0, 0] };
        commented.Add("file", "content");
        await using (Browser browser = await OpenAsync(commented))
        {
            Assert.Equal(["file"], await browser.ListAllAsync());
        }
        ZipWriter double_ = new() { Comment = plain };
        double_.Add("file", "content");
        await Refused(double_.ToArray(), "2 records could be its end");

        await using (Browser trailing = await OpenAsync([.. plain, 0, 0, 0]))
        {
            Assert.Equal(["one"], await trailing.ListAllAsync());
        }
        byte[] wrongCount = [.. plain];
        BinaryPrimitives.WriteUInt16LittleEndian(wrongCount.AsSpan(plain.Length - 14), 2);
        BinaryPrimitives.WriteUInt16LittleEndian(wrongCount.AsSpan(plain.Length - 12), 2);
        await Refused(wrongCount, "does not lead to a central directory");
    }

    [Fact]
    public async Task A_damaged_central_directory_is_one_clear_line()
    {
        ZipWriter zip = new();
        zip.Add("one", "1");
        zip.Add("two", "2");
        byte[] bytes = zip.ToArray();
        int second = bytes.AsSpan().LastIndexOf("PK\x01\x02"u8);
        bytes[second] = 0;
        await Refused(bytes, "central directory is damaged at record 2");
    }

    [Fact]
    public async Task A_zip64_number_that_overflows_is_an_error_of_that_entry()
    {
        ZipWriter zip = new();
        ZipWriterEntry entry = zip.Add("huge", "x");
        entry.Size = uint.MaxValue;
        entry.Extra = [1, 0, 8, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF];
        ZipWriterEntry missing = zip.Add("missing", "x");
        missing.CompressedSize = uint.MaxValue;
        missing.Extra = [1, 0, 2, 0, 1, 1];
        zip.Add("good", "good");
        await using Browser browser = await OpenAsync(zip);
        Assert.Equal(["huge", "missing", "good"], await browser.ListAllAsync());
        Assert.Equal(Errno.EIO, (await browser.FileSystem.OpenAsync(default, await browser.FindAsync("huge"), OpenFlags.ReadOnly)).Errno);
        Assert.Equal(Errno.EIO, (await browser.FileSystem.OpenAsync(default, await browser.FindAsync("missing"), OpenFlags.ReadOnly)).Errno);
        Assert.Equal("good"u8.ToArray(), await browser.ReadAllAsync("good"));
    }

    [Fact]
    public async Task An_archive_that_is_cut_off_while_open_answers_eio_and_says_why_once()
    {
        ZipWriter zip = new();
        zip.Add("first", "first");
        zip.Add("file"u8.ToArray(), TestContent.Make(5, 100_000));
        string path = _directory.Write("x.zip", zip.ToArray());
        await using Browser browser = await Browser.OpenAsync(path);
        Assert.Equal(Errno.None, await browser.TryReadAllAsync("file"));
        using (FileStream file = new(path, FileMode.Open))
        {
            file.SetLength(1000);
        }
        Assert.Equal(Errno.EIO, await browser.TryReadAllAsync("file"));
        Assert.Equal(Errno.EIO, await browser.TryReadAllAsync("file"));
        Assert.Single(browser.Log.Lines, line => line.Contains("changed while it is open"));
    }

    private async Task Refused(byte[] zip, string reason)
    {
        string path = _directory.Write("refused.zip", zip);
        SourceException exception = await Assert.ThrowsAsync<SourceException>(() => Browser.OpenAsync(path, options: []));
        Assert.StartsWith(path + ": ", exception.Message);
        Assert.Contains(reason, exception.Message);
        Assert.DoesNotContain('\n', exception.Message);
    }
}
