using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Unit.Archive;

/// <summary>Zip entries of other methods than deflate.</summary>
public sealed class ZipMethodTests : IDisposable
{
    private static readonly byte[] Large = TestContent.MakeText(1, 3_000_000);
    private static readonly byte[] Small = TestContent.MakeText(2, 5000);

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [SkippableTheory]
    [InlineData("python3 -c 'import sys,zipfile; z=zipfile.ZipFile(\"x.zip\",\"w\",zipfile.ZIP_BZIP2); z.write(\"large\"); z.write(\"small\"); z.close()'")]
    [InlineData("python3 -c 'import sys,zipfile; z=zipfile.ZipFile(\"x.zip\",\"w\",zipfile.ZIP_LZMA); z.write(\"large\"); z.write(\"small\"); z.close()'")]
    [InlineData("7z a -bd -mm=BZip2 -mx=1 x.zip large small >/dev/null")]
    [InlineData("7z a -bd -mm=LZMA -mx=1 x.zip large small >/dev/null")]
    public async Task Entries_of_other_tools_read_back(string command)
    {
        _directory.Write("large", Large);
        _directory.Write("small", Small);
        CommandResult result = Shell.Run($"cd \"$1\" && {command}", _directory.Path);
        Skip.If(result.Status != 0, result.Error);
        await CheckAsync(_directory["x.zip"]);
    }

    [SkippableTheory]
    [InlineData("zst", 93)]
    [InlineData("zst.frames", 93)]
    [InlineData("xz", 95)]
    [InlineData("xz.blocks", 95)]
    [InlineData("bz2.1", 12)]
    public async Task Entries_of_a_codec_s_own_tool_read_back(string form, int method)
    {
        ZipWriter zip = new();
        Add(zip, "large", Large, form, method);
        Add(zip, "small", Small, form, method);
        await CheckAsync(_directory.Write("x.zip", zip.ToArray()));
    }

    [SkippableTheory]
    [InlineData("zst", 93)]
    [InlineData("xz", 95)]
    [InlineData("bz2", 12)]
    public async Task A_wrong_checksum_or_size_is_an_error_of_that_entry(string form, int method)
    {
        ZipWriter zip = new();
        Add(zip, "crc", Small, form, method).Crc ^= 1;
        Add(zip, "long", Small, form, method).Size++;
        Add(zip, "short", Small, form, method).Size--;
        ZipWriterEntry damaged = Add(zip, "damaged", Small, form, method);
        damaged.Data[damaged.Data.Length / 2] ^= 1;
        Add(zip, "good", Small, form, method);
        await using Browser browser = await Browser.OpenAsync(_directory.Write("x.zip", zip.ToArray()));
        foreach (string name in new[] { "crc", "long", "short", "damaged" })
        {
            Assert.Equal(Errno.EIO, await browser.TryReadAllAsync(name));
        }
        Assert.Equal(Small, await browser.ReadAllAsync("good"));
        Assert.Equal(4, browser.Log.Lines.Count);
    }

    private static ZipWriterEntry Add(ZipWriter zip, string name, byte[] content, string form, int method)
    {
        ZipWriterEntry entry = zip.Add(System.Text.Encoding.UTF8.GetBytes(name), content, (ushort)method);
        entry.Data = Encoders.Encode(form, content);
        entry.CompressedSize = (uint)entry.Data.Length;
        return entry;
    }

    private static async Task CheckAsync(string path)
    {
        await using Browser browser = await Browser.OpenAsync(path, cacheBudget: 2 << 20);
        Assert.Equal(Small, await browser.ReadAllAsync("small"));
        Assert.Equal(Large, await browser.ReadAllAsync("large"));
        await ZipReadingTests.CheckRandomReadsAsync(browser, await browser.FindAsync("large"), Large, seed: 3, reads: 40);
        Assert.Empty(browser.Log.Lines);
    }
}
