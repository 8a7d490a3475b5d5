using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Unit.Archive;

/// <summary>Tars in every compression, against what tar extracts.</summary>
public sealed class CompressedTarTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [SkippableTheory]
    [InlineData("--zstd")]
    [InlineData("-J")]
    [InlineData("-j")]
    [InlineData("--lzip")]
    [InlineData("--lzma")]
    [InlineData("-Z")]
    [InlineData("--use-compress-program=lz4")]
    [InlineData("--use-compress-program=xz --block-size=100000")]
    public async Task A_tar_of_any_compression_holds_what_tar_extracts(string option)
    {
        string source = Path.Combine(_directory.Path, "source");
        Directory.CreateDirectory(Path.Combine(source, "dir"));
        for (int i = 0; i < 30; i++)
        {
            File.WriteAllBytes(Path.Combine(source, i % 2 == 0 ? "dir" : ".", $"file{i}"), TestContent.MakeText(i, i * 9000));
        }
        string tar = _directory["x.bin"];
        CommandResult result = Shell.Run("set -e; mkdir \"$1/out\"; tar -C \"$1/source\" -c \"$3\" -f \"$2\" .; tar -C \"$1/out\" -x \"$3\" -f \"$2\"", _directory.Path, tar, option);
        Skip.If(result.Status != 0, $"tar {option}: {result.Error}");
        await using Browser browser = await Browser.OpenAsync(tar, cacheBudget: 1 << 20);
        string extracted = _directory["out"];
        int files = 0;
        foreach ((string path, Attributes attributes) in await browser.WalkAsync())
        {
            if (attributes.IsRegularFile)
            {
                byte[] served = await browser.ReadAllAsync(path);
                byte[] expected = await File.ReadAllBytesAsync(Path.Combine(extracted, path));
                Assert.True(expected.AsSpan().SequenceEqual(served), path);
                files++;
            }
        }
        Assert.Equal(Directory.EnumerateFiles(extracted, "*", SearchOption.AllDirectories).Count(), files);
        Assert.Empty(browser.Log.Lines);
    }

    [SkippableTheory]
    [InlineData("zst.frames")]
    [InlineData("xz.blocks")]
    [InlineData("lz.members")]
    [InlineData("bz2.1")]
    [InlineData("lz4.frames")]
    public async Task Behind_damage_nothing_is_served_and_before_it_everything(string form)
    {
        TarWriter tar = new();
        for (int i = 0; i < 30; i++)
        {
            tar.Add(System.Text.Encoding.UTF8.GetBytes($"file{i}"), TestContent.MakeText(i, 100_000));
        }
        byte[] encoded = Encoders.Encode(form, tar.ToArray());
        encoded[encoded.Length * 2 / 3] ^= 4;
        await using Browser browser = await Browser.OpenAsync(_directory.Write("x.tar", encoded));
        int good = 0;
        for (int i = 0; i < 30; i++)
        {
            if ((await browser.LookupAsync($"file{i}")).Inode == 0)
            {
                break;
            }
            Attributes attributes = await browser.LookupAsync($"file{i}");
            (Errno errno, byte[] content) = await browser.ReadAsync(attributes.Inode, 0, 200_000);
            Assert.True(errno == Errno.EIO || content.AsSpan().SequenceEqual(TestContent.MakeText(i, 100_000)), $"file{i}");
            good += errno == Errno.None ? 1 : 0;
        }
        Assert.InRange(good, 8, 25);
        Assert.NotEmpty(browser.Log.Lines);
    }
}
