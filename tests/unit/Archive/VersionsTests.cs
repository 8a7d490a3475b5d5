namespace Kaleidofs.Tests.Unit.Archive;

/// <summary>What a later entry of the same name replaced, by <c>-o versions</c>.</summary>
public sealed class VersionsTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public VersionsTests()
    {
        Directory.CreateDirectory(_directory["dir"]);
        for (int version = 1; version <= 3; version++)
        {
            File.WriteAllText(_directory["dir/file"], $"version {version}");
            File.WriteAllText(_directory["once"], "once");
            ArchiveTools.Run(_directory.Path, "tar", version == 1 ? "cf" : "rf", "x.tar", "dir");
        }
        ArchiveTools.Run(_directory.Path, "tar", "rf", "x.tar", "once");
    }

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Earlier_versions_are_shown_in_their_order()
    {
        await using Browser browser = await OpenAsync();
        Assert.Equal([".versions", ".versions/dir", ".versions/dir/file", ".versions/dir/file/1", ".versions/dir/file/2", "dir", "dir/file", "once"],
            (await browser.ListAllAsync()).Order(StringComparer.Ordinal));
        Assert.Equal("version 3"u8.ToArray(), await browser.ReadAllAsync("dir/file"));
        Assert.Equal("version 1"u8.ToArray(), await browser.ReadAllAsync(".versions/dir/file/1"));
        Assert.Equal("version 2"u8.ToArray(), await browser.ReadAllAsync(".versions/dir/file/2"));
        Assert.Equal(1u, (await browser.LookupAsync(".versions/dir/file/1")).LinkCount);
    }

    [Fact]
    public async Task Nobody_sees_them_who_did_not_ask()
    {
        await using Browser browser = await Browser.OpenAsync(_directory["x.tar"]);
        Assert.Equal(["dir", "dir/file", "once"], (await browser.ListAllAsync()).Order(StringComparer.Ordinal));
        Assert.Equal(0ul, (await browser.LookupAsync(".versions")).Inode);
        await using Browser with = await OpenAsync();
        Assert.NotEqual(browser.FileSystem.Info.Identity, with.FileSystem.Info.Identity);
        // The archive's own entries have the same numbers with and without.
        Assert.Equal(await browser.FindAsync("dir/file"), await with.FindAsync("dir/file"));
    }

    [Fact]
    public async Task They_are_there_by_the_index_too()
    {
        for (int round = 0; round < 2; round++)
        {
            await using Browser browser = await OpenAsync(("index", _directory["index"]));
            Assert.Equal("version 2"u8.ToArray(), await browser.ReadAllAsync(".versions/dir/file/2"));
            Assert.Equal(round == 1, browser.Log.Lines.Any(line => line.Contains("by its index", StringComparison.Ordinal)));
        }
        await using Browser without = await Browser.OpenAsync(_directory["x.tar"], options: new() { ["index"] = _directory["index"] });
        Assert.Equal(3, (await without.ListAllAsync()).Count);
    }

    [Fact]
    public async Task A_name_that_was_a_link_leads_where_it_led()
    {
        File.WriteAllText(_directory["target"], "target");
        ArchiveTools.Run(_directory.Path, "ln", "target", "name");
        ArchiveTools.Run(_directory.Path, "tar", "cf", "y.tar", "target", "name");
        ArchiveTools.Run(_directory.Path, "rm", "name");
        File.WriteAllText(_directory["name"], "another");
        ArchiveTools.Run(_directory.Path, "tar", "rf", "y.tar", "name");
        await using Browser browser = await Browser.OpenAsync(_directory["y.tar"], options: new() { ["versions"] = "" });
        Assert.Equal(await browser.FindAsync("target"), await browser.FindAsync(".versions/name/1"));
        Assert.Equal(2u, (await browser.LookupAsync("target")).LinkCount);
        Assert.Equal("another"u8.ToArray(), await browser.ReadAllAsync("name"));
    }

    [Fact]
    public async Task What_another_archive_is_merged_over_is_one()
    {
        File.WriteAllText(_directory["once"], "twice");
        ArchiveTools.Run(_directory.Path, "zip", "-q", "z.zip", "once");
        await using Browser browser = await OpenAsync(("union", _directory["z.zip"]));
        Assert.Equal("twice"u8.ToArray(), await browser.ReadAllAsync("once"));
        Assert.Equal("once"u8.ToArray(), await browser.ReadAllAsync(".versions/once/1"));
    }

    [Fact]
    public async Task An_archive_that_is_a_directory_is_there_as_the_file_and_one_that_stays_a_file_is_not()
    {
        File.WriteAllText(_directory["bad.tar"], new string('x', 2000));
        ArchiveTools.Run(_directory.Path, "tar", "cf", "outer.tar", "x.tar", "bad.tar");
        await using Browser browser = await Browser.OpenAsync(_directory["outer.tar"], options: new() { ["versions"] = "", ["nested"] = "" });
        Assert.Equal("version 3"u8.ToArray(), await browser.ReadAllAsync("x.tar/dir/file"));
        Assert.Equal("version 1"u8.ToArray(), await browser.ReadAllAsync(".versions/x.tar/dir/file/1"));
        Assert.Equal(["1", "dir"], (await browser.ListAsync(await browser.FindAsync(".versions/x.tar"))).Select(entry => entry.Name).Order());
        Assert.Equal(0ul, (await browser.LookupAsync(".versions/bad.tar")).Inode);
    }

    [Fact]
    public async Task Where_a_file_has_their_place_they_are_refused()
    {
        File.WriteAllText(_directory[".versions"], "mine");
        ArchiveTools.Run(_directory.Path, "tar", "rf", "x.tar", ".versions");
        SourceException refused = await Assert.ThrowsAsync<SourceException>(() => OpenAsync());
        Assert.Contains("without 'versions'", refused.Message, StringComparison.Ordinal);
    }

    private Task<Browser> OpenAsync(params (string Name, string Value)[] options)
        => Browser.OpenAsync(_directory["x.tar"], options: new(options.ToDictionary(option => option.Name, option => option.Value)) { ["versions"] = "" });
}
