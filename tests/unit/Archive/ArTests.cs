using System.Text;
using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Unit.Archive;

/// <summary>Archives that ar writes, and Debian packages.</summary>
public sealed class ArTests : IDisposable
{
    private const string LongName = "a-name-that-is-longer-than-sixteen-bytes.txt";

    private readonly TemporaryDirectory _directory = new();
    private readonly byte[] _noise = TestContent.Make(1, 300_001);

    public ArTests()
    {
        _directory.Write("noise", _noise);
        Run($"printf abc >odd && : >none && printf text >{LongName} && printf spaced >'with space' && chmod 640 odd && chmod 755 noise && touch -d @1600000000 odd && touch -d @1234567890 noise");
        Shell.Run("[ $(id -u) != 0 ] || chown 1234:5678 \"$1\"", _directory["odd"]).Succeeded();
    }

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData($"ar rcUS x.a odd noise none {LongName} 'with space'")]
    [InlineData($"bsdtar -cf x.a --format=ar odd noise none {LongName}")]
    [InlineData($"bsdtar -cf x.a --format=arbsd odd noise none {LongName} 'with space'")]
    public async Task Members_are_shown_as_the_files_were(string command)
    {
        Run(command);
        await using Browser browser = await Browser.OpenAsync(_directory["x.a"]);
        Assert.Empty(browser.Log.Lines);
        string[] names = ["odd", "noise", "none", LongName, "with space"];
        Assert.Equal(names[..(command.Contains("space", StringComparison.Ordinal) ? 5 : 4)], await browser.ListAllAsync());
        foreach (string name in await browser.ListAllAsync())
        {
            Assert.Equal(File.ReadAllBytes(_directory[name]), await browser.ReadAllAsync(name));
            Attributes shown = await browser.LookupAsync(name);
            string disk = Shell.Run("stat -c '%a %u %g %Y %s' \"$1\"", _directory[name]).Succeeded().Text.Trim();
            Assert.Equal(disk, $"{Convert.ToString(shown.Mode & 0xFFF, 8)} {shown.UserId} {shown.GroupId} {shown.ModificationTime.Seconds} {shown.Size}");
            Assert.True(shown.IsRegularFile);
        }
        await SourceTree.ReadAtRandomAsync(browser, "noise", _noise);
    }

    [SkippableFact]
    public async Task Symbol_tables_are_not_shown()
    {
        Skip.If(Shell.Run("command -v as").Status != 0, "there is no assembler");
        Run($"printf '.globl symbol\\nsymbol: ret\\n' | as -o {LongName}.o && ar rcs x.a {LongName}.o odd && ar t x.a");
        byte[] archive = File.ReadAllBytes(_directory["x.a"]);
        Assert.Equal("/  "u8.ToArray(), archive[8..11]);
        await using Browser browser = await Browser.OpenAsync(_directory["x.a"]);
        Assert.Equal([$"{LongName}.o", "odd"], await browser.ListAllAsync());
        Assert.Equal(File.ReadAllBytes(_directory[$"{LongName}.o"]), await browser.ReadAllAsync($"{LongName}.o"));
        Assert.Empty(browser.Log.Lines);
    }

    [Fact]
    public async Task Symbol_tables_of_other_tools_are_not_shown()
    {
        byte[] archive = [.. "!<arch>\n"u8, .. Member("__.SYMDEF", "1234"), .. Member("__.SYMDEF SORTED", "12"), .. Member("#1/20", "__.SYMDEF SORTED\0\0\0\0abcd"), .. Member("/SYM64/", "12345678"), .. Member("file/", "x")];
        await using Browser browser = await Browser.OpenAsync(_directory.Write("x.a", archive));
        Assert.Equal(["file"], await browser.ListAllAsync());
        Assert.Empty(browser.Log.Lines);
    }

    [Theory]
    [InlineData("xz")]
    [InlineData("gzip")]
    [InlineData("zstd")]
    [InlineData("none")]
    public async Task A_Debian_package_shows_its_members_and_nested_their_files(string codec)
    {
        Run($"mkdir -p package/DEBIAN package/usr/bin && printf 'Package: sample\\nVersion: 1\\nArchitecture: all\\nMaintainer: A <a@example.org>\\nDescription: sample\\n' >package/DEBIAN/control && cp noise package/usr/bin/tool && dpkg-deb -Z{codec} --root-owner-group -b package x.deb");
        string ending = codec switch { "xz" => ".xz", "gzip" => ".gz", "zstd" => ".zst", _ => "" };
        await using Browser plain = await Browser.OpenAsync(_directory["x.deb"]);
        Assert.Equal(["debian-binary", $"control.tar{ending}", $"data.tar{ending}"], await plain.ListAllAsync());
        Assert.Equal("2.0\n"u8.ToArray(), await plain.ReadAllAsync("debian-binary"));
        await using Browser nested = await Browser.OpenAsync(_directory["x.deb"], options: new() { ["nested"] = "" });
        Assert.Empty(nested.Log.Lines);
        Assert.True((await nested.LookupAsync($"data.tar{ending}")).IsDirectory);
        Assert.Equal(_noise, await nested.ReadAllAsync($"data.tar{ending}/usr/bin/tool"));
        Assert.StartsWith("Package: sample", Encoding.UTF8.GetString(await nested.ReadAllAsync($"control.tar{ending}/control")), StringComparison.Ordinal);
        await SourceTree.ReadAtRandomAsync(nested, $"data.tar{ending}/usr/bin/tool", _noise);
    }

    [Theory]
    [InlineData("x.deb")]
    [InlineData("x.udeb")]
    [InlineData("x.ipk")]
    [InlineData("x.ar")]
    [InlineData("x.cpio.gz")]
    public async Task Within_another_archive_it_is_a_directory(string name)
    {
        Run(name.EndsWith(".gz", StringComparison.Ordinal) ? $"echo odd | cpio -o -H newc --quiet | gzip >{name}" : $"ar rcS {name} odd");
        Run($"tar cf outer.tar {name}");
        await using Browser browser = await Browser.OpenAsync(_directory["outer.tar"], options: new() { ["nested"] = "" });
        Assert.Equal("abc"u8.ToArray(), await browser.ReadAllAsync($"{name}/odd"));
        Assert.Empty(browser.Log.Lines);
    }

    [Fact]
    public async Task Compressed_as_a_whole_it_reads_the_same()
    {
        Run("ar rcS x.a odd noise && gzip x.a");
        await using Browser browser = await Browser.OpenAsync(_directory["x.a.gz"]);
        Assert.Equal(["odd", "noise"], await browser.ListAllAsync());
        await SourceTree.ReadAtRandomAsync(browser, "noise", _noise);
    }

    [Fact]
    public async Task A_thin_one_is_refused_with_the_reason()
    {
        Run("ar rcST x.a odd");
        SourceException refused = await Assert.ThrowsAsync<SourceException>(() => Browser.OpenAsync(_directory["x.a"]));
        Assert.Contains("a thin ar", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gnu")]
    [InlineData("bsd")]
    public async Task Cut_off_at_any_byte_it_is_refused_or_says_so_and_shows_what_is_whole(string form)
    {
        byte[] archive = MakeSmall(form);
        DamagedArchive whole = await DamagedArchive.ReadAsync(_directory["damaged"], archive, form);
        Assert.Empty(whole.Lines);
        Assert.Equal([LongName, "none", "odd"], whole.Files.Keys.Order(StringComparer.Ordinal));
        for (int length = 0; length < archive.Length; length++)
        {
            DamagedArchive left = await DamagedArchive.ReadAsync(_directory["damaged"], archive[..length], $"{form} cut off at {length}");
            Assert.All(left.Files, file => Assert.True(file.Value is null || file.Value.AsSpan().SequenceEqual(whole.Files[file.Key])));
            // There is no end mark: cut off between two members it is whole, only shorter.
            bool isBetween = length >= 8 && (length == archive.Length - 1 || archive.AsSpan(length).StartsWith("\n"u8) || IsHeader(archive, length) || IsHeader(archive, length - 1));
            Assert.True(left.Refusal is not null || left.Lines.Count > 0 || isBetween, $"{form} cut off at {length}: nothing said");
        }
    }

    [Theory]
    [InlineData("gnu")]
    [InlineData("bsd")]
    public async Task With_flipped_bits_it_is_refused_or_shows_something(string form)
    {
        byte[] archive = MakeSmall(form);
        Random random = new(5);
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
        byte[] archive = [.. "!<arch>\n"u8, .. Member("one/", "1"), .. Member("two/", "22", end: "??"), .. Member("three/", "333")];
        await using Browser browser = await Browser.OpenAsync(_directory.Write("x.a", archive));
        Assert.Equal(["one", "three"], await browser.ListAllAsync());
        Assert.Equal("333"u8.ToArray(), await browser.ReadAllAsync("three"));
        Assert.Contains("no header at byte 70; 62 bytes were passed over", Assert.Single(browser.Log.Lines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-60")]
    [InlineData("-62")]
    [InlineData("-1")]
    [InlineData("-000000060")]
    [InlineData("9999999999")]
    [InlineData("")]
    [InlineData("4x")]
    public async Task Sizes_that_lie_do_no_harm(string size)
    {
        byte[] archive = [.. "!<arch>\n"u8, .. Member("good/", "1"), .. Member("bad/", "2", size), .. Member("last/", "3")];
        DamagedArchive left = await DamagedArchive.ReadAsync(_directory["x.a"], archive, size);
        Assert.Equal("1"u8.ToArray(), left.Files["good"]);
        Assert.NotEmpty(left.Lines);
        Assert.True(left.Files.GetValueOrDefault("bad") is null);
        Assert.Equal(!size.EndsWith('9'), left.Files.ContainsKey("last"));
    }

    [Fact]
    public async Task Names_that_lie_do_no_harm()
    {
        byte[] archive =
        [
            .. "!<arch>\n"u8, .. Member("//", "../up/\ndir/file/\nnul\0x/\n/\n"), .. Member("/0", "1"), .. Member("/7", "2"), .. Member("/17", "3"), .. Member("/25", "4"), .. Member("/99", "5"), .. Member("/x", "6"),
            .. Member("#1/0", "7"), .. Member("#1/999", "8"), .. Member("#1/-3", "9"), .. Member("#1/3", "a/b10"), .. Member("#1/3", "\0\0\011"), .. Member("twice/", "12"), .. Member("twice/", "13"), .. Member("../", "14"), .. Member("dir/", "15"),
        ];
        await using Browser browser = await Browser.OpenAsync(_directory.Write("x.a", archive));
        Assert.Equal(["a", "a/b", "dir", "dir/file", "nul", "twice"], (await browser.ListAllAsync()).Order(StringComparer.Ordinal));
        Assert.Equal("13"u8.ToArray(), await browser.ReadAllAsync("twice"));
        Assert.Equal("10"u8.ToArray(), await browser.ReadAllAsync("a/b"));
        Assert.Equal("2"u8.ToArray(), await browser.ReadAllAsync("dir/file"));
        Assert.Contains(browser.Log.Lines, line => line.Contains("2 entries are not shown: '..'", StringComparison.Ordinal));
        Assert.Contains(browser.Log.Lines, line => line.Contains("its name is not where the header says", StringComparison.Ordinal));
        Assert.InRange(browser.Log.Lines.Count, 2, 15);
    }

    private static bool IsHeader(byte[] archive, int position) => position + 60 <= archive.Length && archive[position + 58] == '`' && archive[position + 59] == '\n';

    private static byte[] Member(string name, string content, string? size = null, string end = "`\n")
        => Encoding.Latin1.GetBytes($"{name,-16}{1600000000,-12}{0,-6}{0,-6}{"100644",-8}{size ?? $"{content.Length}",-10}{end}{content}{(content.Length % 2 == 0 ? "" : "\n")}");

    private byte[] MakeSmall(string form)
    {
        Run(form == "gnu" ? $"ar rcS small.a odd none {LongName}" : $"bsdtar -cf small.a --format=arbsd odd none {LongName}");
        return File.ReadAllBytes(_directory["small.a"]);
    }

    private void Run(string script) => Shell.Run($"set -o pipefail; cd \"$1\" && {script}", _directory.Path).Succeeded();
}
