using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Unit.Archive;

/// <summary>Archives in several volumes, made by the tools that people make them with.</summary>
public sealed class SplitVolumeTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly byte[] _stored = TestContent.Make(1, 300_000);
    private readonly byte[] _text = TestContent.MakeText(2, 900_000);

    public SplitVolumeTests()
    {
        _directory.Write("stored", _stored);
        _directory.Write("text", _text);
        _directory.Write("small", "small"u8);
    }

    public void Dispose() => _directory.Dispose();

    public static TheoryData<string, string> Makers => new()
    {
        { "zip -qs 64k x.zip stored text small", "x.zip" },
        { "zip -qs 64k -n stored X.ZIP stored text small && for f in X.z*; do [ ! -e $f ] || mv $f X.Z${f#X.z}; done", "X.ZIP" },
        { "zip -q - stored text small | split -b 50000 -a 3 --numeric-suffixes=1 - x.zip.", "x.zip.001" },
        { "7z a -bd -tzip -v60000b x.zip stored text small", "x.zip.001" },
        { "tar -c stored text small | split -b 70000 -a 3 --numeric-suffixes=1 - x.tar.", "x.tar.001" },
        { "tar -cz stored text small | split -b 70000 -a 3 --numeric-suffixes=1 - x.tgz.", "x.tgz.001" },
        { "zip -q y.zip stored text small && zip -q -s 64k y.zip --out x.zip", "x.zip" },
    };

    [SkippableTheory]
    [MemberData(nameof(Makers))]
    public async Task One_volume_named_all_are_read(string maker, string name)
    {
        Make(maker);
        await using Browser browser = await Browser.OpenAsync(_directory[name], cacheBudget: 1 << 20);
        Assert.Equal(["small", "stored", "text"], (await browser.ListAllAsync()).Order());
        Assert.Equal(_stored, await browser.ReadAllAsync("stored"));
        Assert.Equal("small"u8.ToArray(), await browser.ReadAllAsync("small"));
        await ZipReadingTests.CheckRandomReadsAsync(browser, await browser.FindAsync("stored"), _stored, seed: 3, reads: 1000);
        await ZipReadingTests.CheckRandomReadsAsync(browser, await browser.FindAsync("text"), _text, seed: 4, reads: 200);
        Assert.Empty(browser.Log.Lines);
    }

    [Theory]
    [InlineData("zip -qs 64k x.zip stored text", "x.zip", "x.z02", "x.z02; put it beside the others")]
    [InlineData("zip -qs 64k x.zip stored text", "x.zip", "x.z01", "x.z01; put it beside the others")]
    [InlineData("zip -q - stored text | split -b 50000 -a 3 --numeric-suffixes=1 - x.zip.", "x.zip.001", "x.zip.003", "x.zip.003; put it beside the others")]
    [InlineData("zip -q y.zip stored text && split -n 3 -a 3 --numeric-suffixes=1 y.zip x.zip.", "x.zip.001", "x.zip.003", "x.zip.002")]
    public async Task A_missing_volume_is_one_clear_line(string maker, string name, string missing, string line)
    {
        Make(maker);
        Assert.True(File.Exists(_directory[missing]));
        File.Delete(_directory[missing]);
        SourceException exception = await Assert.ThrowsAsync<SourceException>(() => Browser.OpenAsync(_directory[name]));
        Assert.StartsWith(_directory[name] + ": ", exception.Message);
        Assert.Contains(line, exception.Message);
        Assert.DoesNotContain('\n', exception.Message);
        Assert.True(new Drivers.Archive.ArchiveDriver().Recognizes(_directory[name], File.ReadAllBytes(_directory[name]).AsSpan(0, 512)));
    }

    [Fact]
    public async Task Who_names_another_volume_is_told_which_one()
    {
        Make("zip -qs 64k x.zip stored text && zip -q - stored text | split -b 50000 -a 3 --numeric-suffixes=1 - y.zip.");
        foreach ((string named, string right) in new[] { ("x.z01", "x.zip"), ("x.z02", "x.zip"), ("y.zip.002", "y.zip.001") })
        {
            SourceException exception = await Assert.ThrowsAsync<SourceException>(() => Browser.OpenAsync(_directory[named]));
            Assert.Contains($"name the {(right == "x.zip" ? "last" : "first")} of them, {_directory[right]}", exception.Message);
        }
    }

    [Fact]
    public async Task A_volume_of_another_archive_is_refused_or_its_entries_are_errors()
    {
        Make("zip -qs 64k x.zip stored text && mkdir other && cd other && head -c 600000 /dev/urandom >stored && zip -qs 64k x.zip stored && cp x.z02 ../x.z02");
        await using Browser browser = await Browser.OpenAsync(_directory["x.zip"]);
        Assert.Equal(Errno.EIO, await browser.TryReadAllAsync("stored"));
        Assert.Equal(_text, await browser.ReadAllAsync("text"));
    }

    [SkippableFact]
    public async Task Encrypted_and_split_is_both()
    {
        Make("zip -qs 64k -P secret x.zip stored text");
        await using Browser browser = await Browser.OpenAsync(_directory["x.zip"], options: new() { ["password-file"] = _directory.Write("password", "secret"u8) });
        Assert.Equal(_stored, await browser.ReadAllAsync("stored"));
        Assert.Equal(_text, await browser.ReadAllAsync("text"));
    }

    private void Make(string script)
    {
        Skip.If(script.StartsWith("7z", StringComparison.Ordinal) && Shell.Run("command -v 7z").Status != 0, "7z is not installed");
        Shell.Run("cd \"$1\" && " + script, _directory.Path).Succeeded();
    }
}
