using System.Text;
using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Unit.Archive;

/// <summary>Compressed files that hold no archive.</summary>
public sealed class SingleFileTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Name_and_time_are_those_that_gzip_kept()
    {
        CommandResult result = Shell.Run("cd \"$1\" && printf hello >original.txt && touch -d @1500000000 original.txt && gzip -Nc original.txt >renamed.gz", _directory.Path);
        Assert.Equal(0, result.Status);
        await using Browser browser = await Browser.OpenAsync(_directory["renamed.gz"]);
        Attributes attributes = await browser.LookupAsync("original.txt");
        Assert.Equal((FileType.Regular | 0x1A4u, 5ul, 1_500_000_000L), (attributes.Mode, attributes.Size, attributes.ModificationTime.Seconds));
        Assert.Equal("hello"u8.ToArray(), await browser.ReadAllAsync("original.txt"));
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("..")]
    [InlineData("a\nb")]
    public async Task A_name_that_leads_elsewhere_is_not_taken(string name)
    {
        byte[] gzip = TarWriter.Gzip("hello"u8.ToArray());
        byte[] named = [.. gzip[..3], 8, .. gzip[4..10], .. Encoding.UTF8.GetBytes(name), 0, .. gzip[10..]];
        await using Browser browser = await Browser.OpenAsync(_directory.Write("x.json.gz", named));
        Assert.Equal(["x.json"], await browser.ListAllAsync());
        Assert.Equal("hello"u8.ToArray(), await browser.ReadAllAsync("x.json"));
    }

    [Theory]
    [InlineData("x.tgz", "x.tar")]
    [InlineData("noending", "noending")]
    [InlineData("X.GZ", "X")]
    public async Task The_name_is_the_file_s_without_the_ending(string path, string name)
    {
        await using Browser browser = await Browser.OpenAsync(_directory.Write(path, TarWriter.Gzip("hello"u8.ToArray())));
        Assert.Equal([name], await browser.ListAllAsync());
    }

    [Fact]
    public async Task An_empty_file_is_empty()
    {
        await using Browser browser = await Browser.OpenAsync(_directory.Write("x.gz", TarWriter.Gzip([0])));
        Assert.Equal([0], await browser.ReadAllAsync("x"));
        CommandResult result = Shell.Run("gzip -nc </dev/null >\"$1/empty.gz\"", _directory.Path);
        Assert.Equal(0, result.Status);
        await using Browser empty = await Browser.OpenAsync(_directory["empty.gz"]);
        Assert.Equal(0ul, (await empty.LookupAsync("empty")).Size);
        Assert.Equal(Errno.None, await empty.TryReadAllAsync("empty"));
    }

    [Fact]
    public async Task Cut_off_or_damaged_it_is_refused_in_one_line()
    {
        byte[] gzip = TarWriter.Gzip(TestContent.MakeText(1, 100_000));
        string path = _directory.Write("x.gz", gzip.AsSpan()[..^100]);
        Assert.Contains("cut off", (await Assert.ThrowsAsync<SourceException>(() => Browser.OpenAsync(path))).Message);
        gzip[^5] ^= 1;
        path = _directory.Write("y.gz", gzip);
        Assert.Contains("checksum", (await Assert.ThrowsAsync<SourceException>(() => Browser.OpenAsync(path))).Message);
    }

    [Fact]
    public async Task What_begins_like_no_codec_is_no_archive()
    {
        foreach (byte[] content in new[] { new byte[2000], TestContent.Make(1, 3000), "BZh9 is a text"u8.ToArray(), "]\0\0\x80\0\xFF"u8.ToArray() })
        {
            string path = _directory.Write("x", content);
            await Assert.ThrowsAsync<SourceException>(() => Browser.OpenAsync(path));
        }
    }
}
