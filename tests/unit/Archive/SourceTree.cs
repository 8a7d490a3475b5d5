using System.Globalization;
using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Unit.Archive;

/// <summary>A directory <c>tree</c> on the disk with files of every type and of odd lengths, to be put into an archive by a real tool, and compared with what is shown of that.</summary>
internal sealed class SourceTree
{
    private const string Make = """
        cd "$1" && chmod 755 tree && cd tree && mkdir -p sub/deep/empty d1/d2/d3/d4/d5/d6/d7/d8/d9/d10 && printf deep >d1/d2/d3/d4/d5/d6/d7/d8/d9/d10/file && printf a >one && printf ab >two && printf abc >three && : >none
        printf snow >sub/long-$(printf 'n%.0s' {1..200}) && ln -s sub/text relative && ln -s /absolute/target absolute
        ln -s $(printf 'part/%.0s' {1..45})end long && ln text sub/hard && ln text again && mkfifo fifo
        chmod 750 noise && chmod 4755 two && chmod 1777 sub/deep && chmod 600 sub/long-*
        if [ $(id -u) = 0 ]; then chown 1234:5678 text && chown -h 12:34 sub/deep one relative && chmod 2640 one; mknod device c 5 7 || true; fi
        touch -hd @1500000000 relative absolute long && touch -d @1234567890 noise three && touch -d @1600000001 text sub/long-*
        touch -d @1400000000 one two none fifo && find . -depth -type d -exec touch -d @1300000000 {} +
        """;

    public SourceTree(TemporaryDirectory directory)
    {
        Path = directory["tree"];
        Directory.CreateDirectory(Path);
        directory.Write("tree/noise", Noise);
        directory.Write("tree/text", Text);
        Shell.Run(Make, directory.Path).Succeeded();
    }

    public byte[] Noise { get; } = TestContent.Make(1, 300_001);

    public byte[] Text { get; } = TestContent.MakeText(2, 700_003);

    public string Path { get; }

    /// <summary>Compares all that is shown in a directory with the tree: names, types, permissions, owners, sizes, times, link counts, targets, content.</summary>
    /// <param name="browser">The archive.</param>
    /// <param name="root">The directory in it that should be the tree.</param>
    /// <param name="ignored">Names that are not the tree's.</param>
    public async Task CompareAsync(Browser browser, string root = "tree", params string[] ignored)
    {
        Dictionary<string, string> expected = [];
        string found = Shell.Run("cd \"$1\" && find . -mindepth 1 -printf '%P\\t%y %m %U %G %T@ %s %n %l\\n'", Path).Succeeded().Text;
        foreach (string line in found.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = line.Split('\t');
            string[] fields = parts[1].Split(' ');
            string time = fields[4][..fields[4].IndexOf('.', StringComparison.Ordinal)];
            string rest = fields[0] switch { "d" => "", "l" => $" {fields[7]}", "f" => $" {fields[5]} {fields[6]}", _ => $" {fields[6]}" };
            expected[parts[0]] = $"{fields[0]} {fields[1]} {fields[2]} {fields[3]} {time}{rest}";
        }
        Dictionary<string, string> shown = [];
        ulong inode = await browser.FindAsync(root);
        foreach ((string path, Attributes attributes) in await browser.WalkAsync(inode))
        {
            if (!ignored.Contains(path.Split('/')[0]))
            {
                shown[path] = await DescribeAsync(browser, $"{root}/{path}", attributes);
            }
        }
        Assert.Equal(expected.OrderBy(entry => entry.Key, StringComparer.Ordinal), shown.OrderBy(entry => entry.Key, StringComparer.Ordinal));
        foreach (string path in expected.Keys.Where(path => shown[path][0] == 'f'))
        {
            Assert.Equal(await File.ReadAllBytesAsync(System.IO.Path.Combine(Path, path)), await browser.ReadAllAsync($"{root}/{path}"));
        }
        Assert.Equal(await browser.FindAsync($"{root}/text"), await browser.FindAsync($"{root}/sub/hard"));
        await ReadAtRandomAsync(browser, $"{root}/text", Text);
        await ReadAtRandomAsync(browser, $"{root}/noise", Noise);
    }

    /// <summary>Compares reads at random offsets.</summary>
    public static async Task ReadAtRandomAsync(Browser browser, string path, byte[] content)
        => await ZipReadingTests.CheckRandomReadsAsync(browser, await browser.FindAsync(path), content, seed: 3, reads: 40);

    private static async Task<string> DescribeAsync(Browser browser, string path, Attributes attributes)
    {
        char type = (attributes.Mode & FileType.Mask) switch
        {
            FileType.Directory => 'd',
            FileType.SymbolicLink => 'l',
            FileType.Regular => 'f',
            FileType.Fifo => 'p',
            FileType.CharacterDevice => 'c',
            _ => '?',
        };
        string rest = type switch { 'd' => "", 'l' => $" {await browser.ReadLinkAsync(path)}", 'f' => $" {attributes.Size} {attributes.LinkCount}", _ => $" {attributes.LinkCount}" };
        if (type == 'c')
        {
            Assert.Equal((5u << 8) | 7, attributes.DeviceId);
        }
        string permissions = Convert.ToString(attributes.Mode & 0xFFF, 8);
        return string.Create(CultureInfo.InvariantCulture, $"{type} {permissions} {attributes.UserId} {attributes.GroupId} {attributes.ModificationTime.Seconds}{rest}");
    }
}
