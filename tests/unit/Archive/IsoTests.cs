using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Unit.Archive;

/// <summary>ISO 9660 images that the common tools make: plain, with Rock Ridge, with Joliet.</summary>
public sealed class IsoTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [SkippableTheory]
    [InlineData("genisoimage -quiet -R -o x.iso tree")]
    [InlineData("genisoimage -quiet -R -J -o x.iso tree")]
    [InlineData("genisoimage -quiet -R -D -o x.iso tree")]
    [InlineData("xorriso -as mkisofs -quiet -R --hardlinks -o x.iso tree")]
    [InlineData("xorriso -as mkisofs -quiet -R -J --hardlinks -o x.iso tree")]
    public async Task Rock_Ridge_shows_a_tree_as_it_was(string command)
    {
        SourceTree tree = new(_directory);
        Run(command);
        await using Browser browser = await Browser.OpenAsync(_directory["x.iso"]);
        Assert.Empty(browser.Log.Lines);
        await tree.CompareAsync(browser, "", "rr_moved");
    }

    [SkippableFact]
    public async Task Compressed_as_a_whole_it_reads_the_same()
    {
        SourceTree tree = new(_directory);
        Run("genisoimage -quiet -R -o x.iso tree && gzip -1 x.iso");
        await using Browser browser = await Browser.OpenAsync(_directory["x.iso.gz"]);
        Assert.Empty(browser.Log.Lines);
        await tree.CompareAsync(browser, "", "rr_moved");
    }

    [SkippableFact]
    public async Task Targets_and_names_that_need_several_fields_are_whole()
    {
        Directory.CreateDirectory(_directory["tree"]);
        string name = new('n', 250);
        string target = string.Concat(Enumerable.Repeat("../part/./", 60)) + new string('t', 250) + "/end";
        File.CreateSymbolicLink(_directory[$"tree/{name}"], target);
        Run("xorriso -as mkisofs -quiet -R -o x.iso tree");
        await using Browser browser = await Browser.OpenAsync(_directory["x.iso"]);
        Assert.Equal(target, await browser.ReadLinkAsync(name));
        Assert.Equal((ulong)target.Length, (await browser.LookupAsync(name)).Size);
    }

    [SkippableTheory]
    [InlineData("genisoimage -quiet -input-charset utf-8")]
    [InlineData("xorriso -as mkisofs -quiet --norock -input-charset utf-8")]
    public async Task Joliet_has_long_names_in_any_script(string tool)
    {
        byte[] text = TestContent.MakeText(2, 200_001);
        Directory.CreateDirectory(_directory["tree/Über mich"]);
        _directory.Write("tree/Über mich/naïve ☃ and a name of some length.text", text);
        _directory.Write("tree/none", []);
        Run($"touch -d @1600000000 tree/*/* && touch -d @1234567890 tree/Ü* && TZ=Asia/Kolkata {tool} -J -o x.iso tree", "C.UTF-8");
        await using Browser browser = await Browser.OpenAsync(_directory["x.iso"]);
        Assert.Empty(browser.Log.Lines);
        Assert.Equal(["none", "Über mich", "Über mich/naïve ☃ and a name of some length.text"], (await browser.ListAllAsync()).Order(StringComparer.Ordinal));
        Attributes file = await browser.LookupAsync("Über mich/naïve ☃ and a name of some length.text");
        Assert.Equal(FileType.Regular | 0x124, file.Mode);
        Assert.Equal(1_600_000_000, file.ModificationTime.Seconds);
        Attributes directory = await browser.LookupAsync("Über mich");
        Assert.Equal(FileType.Directory | 0x16D, directory.Mode);
        Assert.Equal(1_234_567_890, directory.ModificationTime.Seconds);
        Assert.Equal(text, await browser.ReadAllAsync("Über mich/naïve ☃ and a name of some length.text"));
        await SourceTree.ReadAtRandomAsync(browser, "Über mich/naïve ☃ and a name of some length.text", text);
    }

    [SkippableTheory]
    [InlineData("genisoimage -quiet")]
    [InlineData("xorriso -as mkisofs -quiet --norock")]
    public async Task Without_either_the_names_are_the_images_own(string tool)
    {
        Directory.CreateDirectory(_directory["tree/sub"]);
        byte[] noise = TestContent.Make(1, 100_001);
        _directory.Write("tree/sub/noise.bin", noise);
        _directory.Write("tree/readme", "text"u8);
        Run($"touch -d @1600000000 tree/readme && {tool} -o x.iso tree");
        await using Browser browser = await Browser.OpenAsync(_directory["x.iso"]);
        Assert.Empty(browser.Log.Lines);
        Assert.Equal(["README", "SUB", "SUB/NOISE.BIN"], (await browser.ListAllAsync()).Order(StringComparer.Ordinal));
        Attributes readme = await browser.LookupAsync("README");
        Assert.Equal((FileType.Regular | 0x124, 0u, 0u, 4ul, 1_600_000_000L), (readme.Mode, readme.UserId, readme.GroupId, readme.Size, readme.ModificationTime.Seconds));
        Assert.Equal(noise, await browser.ReadAllAsync("SUB/NOISE.BIN"));
    }

    [SkippableFact]
    public async Task A_file_of_several_extents_is_one_file()
    {
        byte[] first = TestContent.Make(1, 6_000);
        byte[] second = TestContent.Make(2, 5_000);
        Directory.CreateDirectory(_directory["tree"]);
        _directory.Write("tree/aa", first);
        _directory.Write("tree/ab", [1]);
        _directory.Write("tree/ac", second);
        IsoImage image = Make("genisoimage -quiet -o x.iso tree");
        // Two records with one name, whose extents do not touch; the first goes on.
        int record = image.FindRecord("AA.;1");
        image.Bytes[record + 25] |= 0x80;
        int next = image.FindRecord("AB.;1");
        image.Bytes[next + 34] = (byte)'A';
        image.SetBlock(next, image.GetBlock(image.FindRecord("AC.;1")));
        image.SetSize(next, 5_000);
        await using Browser browser = await Browser.OpenAsync(_directory.Write("x.iso", image.Bytes));
        Assert.Empty(browser.Log.Lines);
        Assert.Equal(["AA", "AC"], await browser.ListAllAsync());
        byte[] whole = [.. first, .. second];
        Assert.Equal(whole, await browser.ReadAllAsync("AA"));
        await SourceTree.ReadAtRandomAsync(browser, "AA", whole);
        Assert.Equal(second, await browser.ReadAllAsync("AC"));
    }

    [SkippableFact]
    public async Task Compressed_files_are_listed_and_say_what_they_are()
    {
        Directory.CreateDirectory(_directory["tree"]);
        _directory.Write("tree/text", TestContent.MakeText(1, 100_000));
        Run("xorriso -outdev x.iso -map tree / -set_filter_r --zisofs / -- >/dev/null 2>&1");
        await using Browser browser = await Browser.OpenAsync(_directory["x.iso"]);
        Assert.Equal(100_000ul, (await browser.LookupAsync("text")).Size);
        Assert.Equal(Errno.EOPNOTSUPP, await browser.TryReadAllAsync("text"));
        Assert.Contains("zisofs", Assert.Single(browser.Log.Lines), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Udf_beside_it_is_told_and_alone_is_refused()
    {
        Directory.CreateDirectory(_directory["tree"]);
        _directory.Write("tree/file", "text"u8);
        Run("genisoimage -quiet -R -udf -o x.iso tree");
        await using Browser browser = await Browser.OpenAsync(_directory["x.iso"]);
        Assert.Equal("text"u8.ToArray(), await browser.ReadAllAsync("file"));
        Assert.Contains("UDF", Assert.Single(browser.Log.Lines), StringComparison.Ordinal);
        byte[] udf = new byte[40 * 2048];
        foreach ((int sector, string name) in ((int, string)[])[(16, "BEA01"), (17, "NSR02"), (18, "TEA01")])
        {
            System.Text.Encoding.ASCII.GetBytes(name).CopyTo(udf, (sector * 2048) + 1);
        }
        SourceException refused = await Assert.ThrowsAsync<SourceException>(() => Browser.OpenAsync(_directory.Write("y.iso", udf)));
        Assert.Contains("UDF is not read", refused.Message, StringComparison.Ordinal);
    }

    private IsoImage Make(string script)
    {
        Run(script);
        return new IsoImage(File.ReadAllBytes(_directory["x.iso"]));
    }

    private void Run(string script, string locale = "C")
    {
        string tool = script.Contains("xorriso", StringComparison.Ordinal) ? "xorriso" : "genisoimage";
        Skip.If(Shell.Run($"command -v {tool}").Status != 0, $"there is no {tool}");
        Shell.Run($"export LC_ALL={locale}; set -o pipefail; cd \"$1\" && {script}", _directory.Path).Succeeded();
    }
}
