using System.Text;

namespace Kaleidofs.Tests.Unit.Archive;

/// <summary>What drivers/archive/README.md promises for tars that nobody vouches for.</summary>
public sealed class TarHostileTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    private Task<Browser> OpenAsync(byte[] tar) => Browser.OpenAsync(_directory.Write("x.tar", tar));

    [Fact]
    public async Task Names_never_lead_out_of_the_tree()
    {
        TarWriter tar = new TarWriter()
            .Add("/absolute", "x").Add("../up", "x").Add("a/../../up", "x").Add("./", type: '5', mode: "0000700").Add("./dot", "x")
            .AddPax(("path", "with\0nul")).Add("x", "x")
            .AddPax(("path", new string('n', 256))).Add("x", "x")
            .AddPax(("path", new string('p', 70_000))).Add("x", "x")
            .Add("twice", "first").Add("twice", "second")
            .Add("self", type: '1', linkName: "self").Add("ring1", type: '1', linkName: "ring2").Add("ring2", type: '1', linkName: "ring1")
            .Add("soft1", type: '2', linkName: "soft2").Add("soft2", type: '2', linkName: "soft1");
        await using Browser browser = await OpenAsync(tar.ToArray());
        Assert.Equal(["absolute", "dot", "twice", "soft1", "soft2"], await browser.ListAllAsync());
        Assert.Equal("second"u8.ToArray(), await browser.ReadAllAsync("twice"));
        Assert.Equal(FileType.Directory | 0x1C0, (await browser.LookupAsync("")).Mode);
        Assert.Equal("soft2", await browser.ReadLinkAsync("soft1"));
        Assert.Contains(browser.Log.Lines, line => line.Contains("3 entries are not shown: hard links that lead nowhere"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_size_of_any_number_is_an_error_of_that_entry(bool gzipped)
    {
        foreach (long size in new[] { long.MaxValue, long.MaxValue - 600, 1L << 62, 1L << 40 })
        {
            byte[] tar = new TarWriter().Add("good", "good").AddPax(("size", $"{size}")).Add("huge"u8.ToArray(), TestContent.Make(1, 2000)).ToArrayWithoutEnd();
            await using Browser browser = await OpenAsync(gzipped ? TarWriter.Gzip(tar) : tar);
            ulong huge = await browser.FindAsync("huge");
            foreach (long offset in new[] { 0, 1L << 20, (1L << 39) - 5, size - (1L << 31), size - 1 })
            {
                (Errno errno, byte[] content) = await browser.ReadAsync(huge, offset, 100_000);
                Assert.True(errno == Errno.EIO || content.Length == 0, $"{size} at {offset}");
            }
            Assert.Equal("good"u8.ToArray(), await browser.ReadAllAsync("good"));
        }
    }

    [Fact]
    public async Task Thousands_of_extended_attributes_cost_no_more_than_their_bytes()
    {
        (string, string)[] many = [.. Enumerable.Range(0, 3000).Select(i => ($"SCHILY.xattr.user.{i}", "v"))];
        (string, string)[] tooMany = [.. Enumerable.Range(0, 40_000).Select(i => ($"SCHILY.xattr.user.{i}", "v"))];
        byte[] tar = new TarWriter().AddPax(many).Add("many", "x").AddPax(tooMany).Add("too-many", "x").Add("next", "next").ToArray();
        await using Browser browser = await OpenAsync(TarWriter.Gzip(tar));
        ulong inode = await browser.FindAsync("many");
        Assert.Equal("v"u8.ToArray(), (await browser.FileSystem.GetExtendedAttributeAsync(default, inode, "user.2999"u8.ToArray())).Value.ToArray());
        Assert.Equal(Errno.EIO, await browser.TryReadAllAsync("too-many"));
        Assert.Equal("next"u8.ToArray(), await browser.ReadAllAsync("next"));
    }

    [Fact]
    public async Task Metadata_beyond_the_budget_is_refused_in_one_line()
    {
        TarWriter tar = new();
        string value = new('v', 60_000);
        for (int i = 0; i < 300; i++)
        {
            tar.AddPax([.. Enumerable.Range(0, 16).Select(k => ($"SCHILY.xattr.user.{i}.{k}", value))]).Add($"file{i}", "x");
        }
        string path = _directory.Write("x.tgz", TarWriter.Gzip(tar.ToArray()));
        SourceException exception = await Assert.ThrowsAsync<SourceException>(() => Browser.OpenAsync(path));
        Assert.StartsWith(path + ": ", exception.Message);
        Assert.Contains("256 MiB", exception.Message);
    }

    [Fact]
    public async Task Global_records_do_not_rename_every_entry()
    {
        byte[] tar = new TarWriter()
            .AddPax('g', ("path", "same"), ("size", "0"), ("SCHILY.xattr.user.a", "b"), ("GNU.sparse.map", "0,1"), ("uid", "77"))
            .Add("one", "1").Add("two", "2").ToArray();
        await using Browser browser = await OpenAsync(tar);
        Assert.Equal(["one", "two"], await browser.ListAllAsync());
        Assert.Equal("2"u8.ToArray(), await browser.ReadAllAsync("two"));
        Assert.Equal(77u, (await browser.LookupAsync("one")).UserId);
    }

    [Fact]
    public async Task Malformed_records_make_that_entry_unreadable_only()
    {
        TarWriter tar = new();
        foreach (string records in new[] { "9999 path=x\n", "12 path=abcdef", "x path=a\n", "7 =abc\n", "16 mtime=1.2.3a\n", "-5 a=b\n", "12 size=-1\n\n" })
        {
            tar.Add("pax"u8.ToArray(), Encoding.ASCII.GetBytes(records), 'x').Add($"bad{tar.Position}", "content");
        }
        await using Browser browser = await OpenAsync(tar.Add("next", "next").ToArray());
        List<string> names = await browser.ListAllAsync();
        foreach (string name in names.Where(name => name != "next"))
        {
            Assert.Equal((name, Errno.EIO), (name, await browser.TryReadAllAsync(name)));
        }
        Assert.Equal(8, names.Count);
        Assert.Equal("next"u8.ToArray(), await browser.ReadAllAsync("next"));
    }

    [Fact]
    public async Task Some_old_tars_summed_signed_bytes()
    {
        byte[] tar = new TarWriter().Add(Encoding.Latin1.GetBytes("caf\u00e9"), "x"u8.ToArray()).ToArray();
        long sum = 0;
        for (int i = 0; i < 512; i++)
        {
            sum += i is >= 148 and < 156 ? ' ' : (sbyte)tar[i];
        }
        TarWriter.Put(tar, 148, Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ");
        await using Browser browser = await OpenAsync(tar);
        Assert.Single(await browser.ListAllAsync());
    }
}
