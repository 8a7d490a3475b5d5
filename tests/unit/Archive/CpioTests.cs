using System.Text;
using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Unit.Archive;

/// <summary>Archives that cpio writes, in all its forms.</summary>
public sealed class CpioTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public static TheoryData<string> Forms => ["newc", "crc", "odc", "bin"];

    public void Dispose() => _directory.Dispose();

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task A_tree_is_shown_as_it_was(string form)
    {
        SourceTree tree = new(_directory);
        Run($"find tree | LC_ALL=C sort | cpio -o -H {form} --quiet >x.cpio");
        await using Browser browser = await Browser.OpenAsync(_directory["x.cpio"]);
        Assert.Empty(browser.Log.Lines);
        await tree.CompareAsync(browser);
    }

    [Fact]
    public async Task The_old_form_is_read_in_the_other_byte_order_too()
    {
        SourceTree tree = new(_directory);
        Run("find tree | cpio -o -H bin --quiet >x.cpio");
        await using Browser browser = await Browser.OpenAsync(_directory.Write("swapped.cpio", SwapOldForm(File.ReadAllBytes(_directory["x.cpio"]))));
        Assert.Empty(browser.Log.Lines);
        await tree.CompareAsync(browser);
    }

    [Theory]
    [InlineData("newc", "gzip -9")]
    [InlineData("odc", "zstd -q")]
    [InlineData("bin", "xz")]
    public async Task Compressed_as_a_whole_it_reads_the_same(string form, string command)
    {
        SourceTree tree = new(_directory);
        Run($"find tree | cpio -o -H {form} --quiet | {command} >x.compressed");
        await using Browser browser = await Browser.OpenAsync(_directory["x.compressed"]);
        Assert.Empty(browser.Log.Lines);
        await tree.CompareAsync(browser);
    }

    [Theory]
    [InlineData("newc")]
    [InlineData("odc")]
    public async Task Another_tool_writes_the_same(string form)
    {
        SourceTree tree = new(_directory);
        Run($"bsdtar -cf x.cpio --format={(form == "odc" ? "cpio" : form)} tree");
        await using Browser browser = await Browser.OpenAsync(_directory["x.cpio"]);
        Assert.Empty(browser.Log.Lines);
        await tree.CompareAsync(browser);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task Without_entries_it_is_an_empty_directory(string form)
    {
        Run($"cpio -o -H {form} --quiet </dev/null >x.cpio");
        byte[] archive = File.ReadAllBytes(_directory["x.cpio"]);
        foreach (byte[] order in form == "bin" ? [archive, SwapOldForm(archive)] : new[] { archive })
        {
            await using Browser browser = await Browser.OpenAsync(_directory.Write("y.cpio", order));
            Assert.Empty(await browser.ListAllAsync());
            Assert.Empty(browser.Log.Lines);
        }
    }

    [Fact]
    public async Task What_stands_behind_the_first_part_of_an_initramfs_is_told_in_one_line()
    {
        Run("mkdir early && printf code >early/microcode && find early | cpio -o -H newc --quiet >image && mkdir main && find main | cpio -o -H newc --quiet | gzip >>image");
        await using Browser browser = await Browser.OpenAsync(_directory["image"]);
        Assert.Equal("code"u8.ToArray(), await browser.ReadAllAsync("early/microcode"));
        Assert.Contains("gzip data, which is not shown", Assert.Single(browser.Log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Archives_one_behind_the_other_are_one_tree()
    {
        Run("printf first >a && printf second >b && ln b c && echo a | cpio -o -H newc --quiet >image && head -c 2048 /dev/zero >>image && printf 'b\\nc\\n' | cpio -o -H newc --quiet >>image && rm b && printf third >b && echo b | cpio -o -H newc --quiet >>image");
        await using Browser browser = await Browser.OpenAsync(_directory["image"]);
        Assert.Equal(["a", "b", "c"], (await browser.ListAllAsync()).Order());
        Assert.Equal("third"u8.ToArray(), await browser.ReadAllAsync("b"));
        Assert.Equal("second"u8.ToArray(), await browser.ReadAllAsync("c"));
        Assert.Equal(1u, (await browser.LookupAsync("c")).LinkCount);
        Assert.Empty(browser.Log.Lines);
    }

    [Fact]
    public async Task A_wrong_sum_is_an_error_of_that_file_alone()
    {
        Run("printf first >a && printf second >b && printf 'a\\nb\\n' | cpio -o -H crc --quiet >x.cpio");
        byte[] archive = File.ReadAllBytes(_directory["x.cpio"]);
        archive[archive.AsSpan().IndexOf("first"u8)] ^= 1;
        await using Browser browser = await Browser.OpenAsync(_directory.Write("x.cpio", archive));
        Assert.Equal(Errno.EIO, await browser.TryReadAllAsync("a"));
        Assert.Contains("'a': its checksum is wrong", Assert.Single(browser.Log.Lines), StringComparison.Ordinal);
        Assert.Equal("second"u8.ToArray(), await browser.ReadAllAsync("b"));
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task Cut_off_at_any_byte_it_is_refused_or_says_so_and_shows_what_is_whole(string form)
    {
        (byte[] archive, Dictionary<string, byte[]?> whole) = await MakeSmallAsync(form);
        int end = archive.AsSpan().LastIndexOf("TRAILER!!!\0"u8) + 11;
        for (int length = 0; length < end; length++)
        {
            DamagedArchive left = await DamagedArchive.ReadAsync(_directory["damaged"], archive[..length], $"{form} cut off at {length}");
            Assert.True(left.Refusal is not null || left.Lines.Count > 0, $"{form} cut off at {length}: nothing said");
            Assert.All(left.Files, file => Assert.True(file.Value is null || file.Value.AsSpan().SequenceEqual(whole[file.Key])));
        }
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task With_flipped_bits_it_is_refused_or_shows_something(string form)
    {
        (byte[] archive, _) = await MakeSmallAsync(form);
        Random random = new(4);
        for (int round = 0; round < 1000; round++)
        {
            byte[] damaged = [.. archive];
            for (int flips = random.Next(1, 4); flips > 0; flips--)
            {
                damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            }
            await DamagedArchive.ReadAsync(_directory["damaged"], damaged, $"{form}, round {round}");
        }
    }

    [Fact]
    public async Task Behind_a_damaged_header_the_next_ones_are_found()
    {
        foreach (string form in (string[])["newc", "crc", "odc", "bin"])
        {
            (byte[] archive, Dictionary<string, byte[]?> whole) = await MakeSmallAsync(form);
            int name = archive.AsSpan().IndexOf("small/b\0"u8);
            // A name without its end is no header.
            archive[name + 7] = (byte)'x';
            DamagedArchive left = await DamagedArchive.ReadAsync(_directory["damaged"], archive, form);
            Assert.Contains("no header at byte", Assert.Single(left.Lines), StringComparison.Ordinal);
            Assert.Equal(whole.Keys.Where(path => path != "small/b").Order(), left.Files.Keys.Order());
            Assert.All(left.Files, file => Assert.Equal(whole[file.Key], file.Value));
        }
    }

    [Fact]
    public async Task A_linked_file_whose_content_is_lost_is_not_shown_as_empty()
    {
        (byte[] archive, _) = await MakeSmallAsync("newc");
        // The content stands behind the last name.
        archive[archive.AsSpan().IndexOf("small/d\0"u8) + 7] = (byte)'x';
        DamagedArchive left = await DamagedArchive.ReadAsync(_directory["damaged"], archive, "without d");
        Assert.Equal(["small/a", "small/b", "small/e"], left.Files.Keys.Order());
        Assert.Contains(left.Lines, line => line.Contains("'small/c' is not shown: its content is missing", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Names_and_sizes_that_lie_do_no_harm()
    {
        byte[] archive =
        [
            .. NewEntry("../up", "1"), .. NewEntry("/absolute", "2"), .. NewEntry("a/../b", "3"), .. NewEntry("twice", "4"), .. NewEntry("twice", "5"),
            .. NewEntry(new string('n', 256), "6"), .. NewEntry("nul\0hidden", "7"), .. NewEntry("dir/", "", 0x41ED), .. NewEntry("dir", "8"), .. NewEntry("dir/in", "9"),
            .. NewEntry("odd", "10", 0xF1FF), .. NewEntry("link", "", 0xA1FF), .. NewEntry("nul-link", "a\0b", 0xA1FF), .. NewEntry("huge", "rest", size: uint.MaxValue),
        ];
        await using Browser browser = await Browser.OpenAsync(_directory.Write("x.cpio", archive));
        Assert.Equal(["absolute", "dir", "dir/in", "huge", "link", "nul", "nul-link", "twice"], (await browser.ListAllAsync()).Order(StringComparer.Ordinal));
        Assert.Equal("5"u8.ToArray(), await browser.ReadAllAsync("twice"));
        Assert.Equal(uint.MaxValue, (await browser.LookupAsync("huge")).Size);
        Assert.Equal(Errno.EIO, await browser.TryReadAllAsync("huge"));
        Assert.Equal("rest"u8.ToArray(), (await browser.ReadAsync(await browser.FindAsync("huge"), 0, 4)).Content);
        Assert.Equal(Errno.EIO, (await browser.FileSystem.ReadLinkAsync(default, await browser.FindAsync("link"))).Errno);
        Assert.Equal(Errno.EIO, (await browser.FileSystem.ReadLinkAsync(default, await browser.FindAsync("nul-link"))).Errno);
        Assert.Single(browser.Log.Lines, line => line.Contains("2 entries are not shown: '..'", StringComparison.Ordinal));
        Assert.Single(browser.Log.Lines, line => line.Contains("cut off, in 'huge'", StringComparison.Ordinal));
    }

    /// <summary>A newer form's entry.</summary>
    private static byte[] NewEntry(string name, string content, uint mode = 0x81A4, uint? size = null)
    {
        string header = $"070701{1:X8}{mode:X8}{0:X8}{0:X8}{1:X8}{0:X8}{size ?? (uint)content.Length:X8}{0:X8}{0:X8}{0:X8}{0:X8}{name.Length + 1:X8}{0:X8}{name}\0";
        return Encoding.ASCII.GetBytes(Pad(header) + Pad(content));

        static string Pad(string text) => text.PadRight((text.Length + 3) & ~3, '\0');
    }

    private async Task<(byte[] Archive, Dictionary<string, byte[]?> Files)> MakeSmallAsync(string form)
    {
        Run($"rm -rf small && mkdir small && cd small && printf abc >a && printf b >b && printf cccccc >c && ln c d && : >e && ln -s a f && cd .. && find small | LC_ALL=C sort | cpio -o -H {form} --quiet >small.cpio");
        byte[] archive = File.ReadAllBytes(_directory["small.cpio"]);
        DamagedArchive whole = await DamagedArchive.ReadAsync(_directory["damaged"], archive, form);
        Assert.Empty(whole.Lines);
        Assert.Equal(5, whole.Files.Count);
        return (archive, whole.Files);
    }

    /// <summary>What a machine of the other byte order writes: the numbers swapped, names and content as they are.</summary>
    private static byte[] SwapOldForm(byte[] archive)
    {
        const int HeaderLength = 26;
        byte[] swapped = [.. archive];
        for (int position = 0; position + HeaderLength <= archive.Length && archive[position] == 0xC7;)
        {
            int nameLength = BitConverter.ToUInt16(archive, position + 20);
            int size = (BitConverter.ToUInt16(archive, position + 22) << 16) | BitConverter.ToUInt16(archive, position + 24);
            for (int i = 0; i < HeaderLength; i += 2)
            {
                swapped.AsSpan(position + i, 2).Reverse();
            }
            position += HeaderLength + ((nameLength + 1) & ~1) + ((size + 1) & ~1);
        }
        return swapped;
    }

    private void Run(string script) => Shell.Run($"set -o pipefail; cd \"$1\" && {script}", _directory.Path).Succeeded();
}
