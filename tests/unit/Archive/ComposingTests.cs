namespace Kaleidofs.Tests.Unit.Archive;

public sealed class ComposingTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public ComposingTests()
    {
        Directory.CreateDirectory(_directory["top/dir"]);
        _directory.Write("top/dir/both", "lower"u8);
        _directory.Write("top/dir/lower", "only lower"u8);
        ArchiveTools.Run(_directory.Path, "ln", "top/dir/lower", "top/dir/link");
        _directory.Write("beside", "beside"u8);
        ArchiveTools.Run(_directory.Path, "tar", "cf", "a.tar", "top", "beside");
        _directory.Write("top/dir/both", TestContent.MakeText(1, 400_000));
        _directory.Write("top/dir/upper", "only upper"u8);
        ArchiveTools.Run(_directory.Path, "zip", "-q", "b.zip", "top/dir/both", "top/dir/upper");
        ArchiveTools.Run(_directory.Path, "tar", "czf", "c.tgz", "top/dir/upper");
    }

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_union_merges_directories_and_the_rightmost_file_wins()
    {
        await using Browser browser = await OpenAsync(("union", $"{_directory["b.zip"]}:{_directory["c.tgz"]}"));
        Assert.Equal(
            ["beside", "top", "top/dir", "top/dir/both", "top/dir/link", "top/dir/lower", "top/dir/upper"],
            (await browser.ListAllAsync()).Order(StringComparer.Ordinal));
        Assert.Equal(TestContent.MakeText(1, 400_000), await browser.ReadAllAsync("top/dir/both"));
        Assert.Equal("only lower"u8.ToArray(), await browser.ReadAllAsync("top/dir/link"));
        Assert.Equal("only upper"u8.ToArray(), await browser.ReadAllAsync("top/dir/upper"));
        Assert.Equal("beside"u8.ToArray(), await browser.ReadAllAsync("beside"));
        Assert.Empty(browser.Log.Lines);
    }

    [Fact]
    public async Task A_unions_identity_covers_its_parts_and_their_order()
    {
        await using Browser one = await OpenAsync(("union", $"{_directory["b.zip"]}:{_directory["c.tgz"]}"));
        await using Browser same = await OpenAsync(("union", $"{_directory["b.zip"]}:{_directory["c.tgz"]}"));
        await using Browser other = await OpenAsync(("union", $"{_directory["c.tgz"]}:{_directory["b.zip"]}"));
        await using Browser plain = await OpenAsync();
        Assert.Equal(one.FileSystem.Info.Identity, same.FileSystem.Info.Identity);
        Assert.Equal(3, new[] { one, other, plain }.Select(browser => browser.FileSystem.Info.Identity).Distinct().Count());
    }

    [Fact]
    public async Task A_subdir_is_the_root_with_its_attributes_and_hard_links()
    {
        ArchiveTools.Run(_directory.Path, "chmod", "700", "top/dir");
        ArchiveTools.Run(_directory.Path, "tar", "cf", "a.tar", "top", "beside");
        await using Browser browser = await OpenAsync(("subdir", "/top/dir/"));
        Assert.Equal(["both", "link", "lower", "upper"], (await browser.ListAllAsync()).Order());
        Assert.Equal(FileType.Directory | 0x1C0, (await browser.LookupAsync("")).Mode);
        Assert.Equal("only lower"u8.ToArray(), await browser.ReadAllAsync("link"));
        Assert.Empty(browser.Log.Lines);
    }

    [Fact]
    public async Task Stripping_drops_components_and_counts_what_has_too_few()
    {
        await using Browser browser = await OpenAsync(("strip", "1"));
        Assert.Equal(["dir", "dir/both", "dir/link", "dir/lower"], (await browser.ListAllAsync()).Order());
        Assert.Contains("1 entries", Assert.Single(browser.Log.Lines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("subdir", "nowhere", "nowhere")]
    [InlineData("subdir", "../x", "'..'")]
    [InlineData("strip", "-1", "strip=-1")]
    [InlineData("union", "/nowhere.zip", "no such file")]
    [InlineData("nested", "maybe", "nested=maybe")]
    public async Task Mistakes_get_one_line_that_names_them(string option, string value, string expected)
    {
        SourceException exception = await Assert.ThrowsAsync<SourceException>(() => OpenAsync((option, value)));
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    private Task<Browser> OpenAsync(params (string Key, string Value)[] options)
        => Browser.OpenAsync(_directory["a.tar"], options: options.ToDictionary(option => option.Key, option => option.Value));
}
