using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Unit.Archive;

public sealed class TarVolumeTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_volume_of_several_reads_by_itself_and_says_what_of_it_is_elsewhere()
    {
        byte[] content = TestContent.Make(1, 300_000);
        _directory.Write("big", content);
        _directory.Write("after", "behind"u8.ToArray());
        Shell.Run("cd \"$1\" && tar -cM -L 200 -f 1.tar -f 2.tar big after", _directory.Path).Succeeded();

        await using (Browser first = await Browser.OpenAsync(_directory["1.tar"]))
        {
            Assert.Equal(["big"], await first.ListAllAsync());
            (Errno errno, byte[] read) = await first.ReadAsync(await first.FindAsync("big"), 0, 100_000);
            Assert.Equal(Errno.None, errno);
            Assert.True(content.AsSpan(0, 100_000).SequenceEqual(read));
            Assert.Equal(Errno.EIO, (await first.ReadAsync(await first.FindAsync("big"), 250_000, 1000)).Errno);
            Assert.Single(first.Log.Lines, line => line.Contains("1.tar: cut off", StringComparison.Ordinal));
        }
        await using Browser second = await Browser.OpenAsync(_directory["2.tar"]);
        Assert.Equal(["after"], await second.ListAllAsync());
        Assert.Equal("behind"u8.ToArray(), await second.ReadAllAsync("after"));
        Assert.Contains("the rest of 'big'", Assert.Single(second.Log.Lines));
    }

    [Theory]
    [InlineData("gnu", "")]
    [InlineData("gnu", "-V label")]
    [InlineData("pax", "")]
    [InlineData("pax", "-V label")]
    [InlineData("gnu", "-S")]
    [InlineData("pax", "-S")]
    public async Task Joined_they_are_one_archive(string format, string options)
    {
        Dictionary<string, byte[]> contents = [];
        for (int i = 0; i < 12; i++)
        {
            // Of all sizes, so that volumes end in contents, in padding and between entries.
            string name = i == 5 ? $"{new string('n', 120)}{i}" : $"file{i}";
            contents[name] = TestContent.Make(i, (i * 37_111) + (i % 3));
            _directory.Write(name, contents[name]);
        }
        Shell.Run($"cd \"$1\" && truncate -s 900000 file7 && tar --format={format} {options} -cM -L 300 $(for i in $(seq 20); do echo -f v$i; done) file? file?? nnn*", _directory.Path).Succeeded();
        contents["file7"] = File.ReadAllBytes(_directory["file7"]);
        string[] volumes = [.. Enumerable.Range(1, 20).Select(i => _directory[$"v{i}"]).Where(File.Exists)];
        Assert.True(volumes.Length > 5, $"{volumes.Length}");
        await using Browser browser = await Browser.OpenAsync(volumes[0], options: new() { ["volumes"] = string.Join(':', volumes[1..]) });
        Assert.Empty(browser.Log.Lines);
        Assert.Equal(contents.Keys.Order(), (await browser.ListAllAsync()).Order());
        foreach ((string name, byte[] content) in contents)
        {
            byte[] read = await browser.ReadAllAsync(name);
            Assert.True(content.AsSpan().SequenceEqual(read), name);
        }
    }

    [Fact]
    public async Task In_another_order_or_with_one_missing_nothing_wrong_is_read()
    {
        Dictionary<string, byte[]> contents = Enumerable.Range(0, 6).ToDictionary(i => $"file{i}", i => TestContent.Make(i, 250_000));
        foreach ((string name, byte[] content) in contents)
        {
            _directory.Write(name, content);
        }
        Shell.Run("cd \"$1\" && tar -cM -L 300 -f v1 -f v2 -f v3 -f v4 -f v5 -f v6 file?", _directory.Path).Succeeded();
        foreach (string order in (string[])["v1:v3:v2:v4", "v1:v3:v4", "v1:v2:v4", "v1:v1"])
        {
            string[] volumes = [.. order.Split(':').Select(name => _directory[name])];
            await using Browser browser = await Browser.OpenAsync(volumes[0], options: new() { ["volumes"] = string.Join(':', volumes[1..]) });
            Assert.Contains(browser.Log.Lines, line => line.Contains("does not go on where the one before ends", StringComparison.Ordinal));
            foreach ((string path, Attributes attributes) in await browser.WalkAsync())
            {
                (Errno errno, byte[] read) = await browser.ReadAsync(attributes.Inode, 0, (int)attributes.Size);
                Assert.True(errno == Errno.EIO || contents[path].AsSpan().SequenceEqual(read), $"{order}: {path}");
            }
        }
        SourceException refused = await Assert.ThrowsAsync<SourceException>(() => Browser.OpenAsync(_directory["v2"], options: new() { ["volumes"] = _directory["v3"] }));
        Assert.Contains("the rest of", refused.Message, StringComparison.Ordinal);
        refused = await Assert.ThrowsAsync<SourceException>(() => Browser.OpenAsync(_directory["file0"], options: new() { ["volumes"] = _directory["v3"] }));
        Assert.Contains("tar -M", refused.Message, StringComparison.Ordinal);
    }
}
