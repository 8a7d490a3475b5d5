using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Unit.Archive;

/// <summary>ISO 9660 images that are damaged, or made to do harm.</summary>
public sealed class IsoHostileTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [SkippableTheory]
    [InlineData("-R -J")]
    [InlineData("-J")]
    [InlineData("")]
    public async Task Cut_off_at_any_sector_it_is_refused_or_says_so_and_shows_what_is_whole(string options)
    {
        byte[] image = Make(options).Bytes;
        DamagedArchive whole = await ReadAsync(image, options);
        Assert.Empty(whole.Lines);
        Assert.Equal(3, whole.Files.Count);
        for (int length = 0; length < image.Length; length += 2048)
        {
            DamagedArchive left = await ReadAsync(image[..length], $"{options} cut off at {length}");
            Assert.True(left.Refusal is not null || left.Lines.Count > 0, $"{options} cut off at {length}: nothing said");
            Assert.All(left.Files, file => Assert.True(file.Value is null || file.Value.AsSpan().SequenceEqual(whole.Files[file.Key])));
        }
    }

    [SkippableTheory]
    [InlineData("-R -J")]
    [InlineData("-R")]
    [InlineData("-J")]
    [InlineData("")]
    public async Task With_flipped_bits_it_is_refused_or_shows_something(string options)
    {
        byte[] image = Make(options).Bytes;
        int[] places = [.. Enumerable.Range(0, image.Length).Where(place => image[place] != 0)];
        Random random = new(6);
        for (int round = 0; round < 400; round++)
        {
            byte[] damaged = [.. image];
            for (int flips = random.Next(1, 4); flips > 0; flips--)
            {
                damaged[places[random.Next(places.Length)] + random.Next(2)] ^= (byte)(1 << random.Next(8));
            }
            await ReadAsync(damaged, $"{options}, round {round}");
        }
    }

    [SkippableTheory]
    [InlineData("SUB", "SUB")]
    [InlineData("INNER", "SUB")]
    [InlineData("INNER", null)]
    public async Task A_directory_that_is_its_own_ancestor_is_empty(string child, string? ancestor)
    {
        IsoImage image = Make("");
        uint block = ancestor is null || ancestor == child ? image.RootBlock : image.GetBlock(image.FindRecord(ancestor));
        image.SetBlock(image.FindRecord(child), block);
        await using Browser browser = await Browser.OpenAsync(_directory.Write("x.iso", image.Bytes));
        Assert.Contains("stands where another one does: shown empty", Assert.Single(browser.Log.Lines), StringComparison.Ordinal);
        string path = child == "SUB" ? "SUB" : "SUB/INNER";
        Assert.DoesNotContain(await browser.ListAllAsync(), entry => entry.StartsWith($"{path}/", StringComparison.Ordinal));
        Assert.Equal("one"u8.ToArray(), await browser.ReadAllAsync("ONE"));
    }

    [SkippableFact]
    public async Task Directories_that_overlap_are_bounded_by_the_image()
    {
        IsoImage image = Make("");
        // Each says that it goes on to the image's end.
        image.SetSize(image.FindRecord("SUB"), (uint)image.Bytes.Length);
        image.SetSize(image.FindRecord("INNER"), (uint)image.Bytes.Length);
        DamagedArchive left = await ReadAsync(image.Bytes, "overlapping");
        Assert.Null(left.Refusal);
        Assert.NotEmpty(left.Lines);
        Assert.Equal("one"u8.ToArray(), left.Files["ONE"]);
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_relocated_directory_that_leads_to_an_ancestor_or_nowhere_is_empty(bool nowhere)
    {
        IsoImage image = Make("-R", "mkdir -p tree/1/2/3/4/5/6/7/8/9 && printf deep >tree/1/2/3/4/5/6/7/8/9/file");
        image.SetBoth(image.FindField("CL", 12) + 4, nowhere ? 0xFFFF_FFF0 : image.RootBlock);
        await using Browser browser = await Browser.OpenAsync(_directory.Write("x.iso", image.Bytes));
        Assert.Contains("shown empty", Assert.Single(browser.Log.Lines), StringComparison.Ordinal);
        Assert.DoesNotContain("file", string.Join(' ', await browser.ListAllAsync()), StringComparison.Ordinal);
        Assert.Equal("one"u8.ToArray(), await browser.ReadAllAsync("one"));
    }

    [SkippableFact]
    public async Task Continuations_in_a_ring_are_an_error_of_that_file_alone()
    {
        IsoImage image = Make("-R", $"printf long >tree/{new string('l', 240)}");
        int field = image.FindField("CE", 28, image.FindRecord("LLLLLLLL.;1"));
        int area = (int)((BitConverter.ToUInt32(image.Bytes, field + 4) * 2048) + BitConverter.ToUInt32(image.Bytes, field + 12));
        image.SetBoth(field + 20, 28);
        // What it goes on with goes on with itself.
        image.Bytes.AsSpan(field, 28).CopyTo(image.Bytes.AsSpan(area));
        DamagedArchive left = await ReadAsync(image.Bytes, "ring");
        Assert.Contains("go on without end", Assert.Single(left.Lines), StringComparison.Ordinal);
        Assert.Null(left.Files.Single(file => file.Key.StartsWith('l')).Value);
        Assert.Equal("one"u8.ToArray(), left.Files["one"]);
    }

    [SkippableFact]
    public async Task Records_that_lie_are_errors_of_those_files_alone()
    {
        IsoImage image = Make("");
        image.SetSize(image.FindRecord("ONE.;1"), uint.MaxValue);
        image.Bytes[image.FindRecord("TWO.TXT;1") + 3] ^= 1;
        DamagedArchive left = await ReadAsync(image.Bytes, "sizes");
        Assert.Null(left.Files["ONE"]);
        Assert.Null(left.Files["TWO.TXT"]);
        Assert.Contains(left.Lines, line => line.Contains("'ONE': the archive is cut off in it", StringComparison.Ordinal));
        Assert.Contains(left.Lines, line => line.Contains("'TWO.TXT': the two copies of its numbers differ", StringComparison.Ordinal));
        Assert.Equal("three"u8.ToArray(), left.Files["SUB/THREE"]);

        image = Make("");
        image.SetBlock(image.FindRecord("ONE.;1"), 0xFFFF_FFF0);
        image.Bytes[image.FindRecord("TWO.TXT;1") + 26] = 1;
        left = await ReadAsync(image.Bytes, "places");
        Assert.Contains(left.Lines, line => line.Contains("'ONE': its content lies outside the image", StringComparison.Ordinal));
        Assert.Contains(left.Lines, line => line.Contains("'TWO.TXT': its content is interleaved", StringComparison.Ordinal));
        Assert.Equal("three"u8.ToArray(), left.Files["SUB/THREE"]);
    }

    [SkippableTheory]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("a\0b")]
    public async Task Names_that_no_file_can_have_are_not_shown(string name)
    {
        IsoImage image = Make("-R");
        int field = image.FindField("NM", 8, image.FindRecord("ONE.;1"));
        image.Bytes[field + 2] = (byte)(5 + name.Length);
        System.Text.Encoding.ASCII.GetBytes(name).CopyTo(image.Bytes, field + 5);
        if (name.Length < 3)
        {
            // What is left of the field: nothing more follows.
            image.Bytes.AsSpan(field + 7, 1).Clear();
        }
        DamagedArchive left = await ReadAsync(image.Bytes, name);
        Assert.Equal(["sub/three", "two.txt"], left.Files.Keys.Order());
        Assert.Contains("is not shown: it cannot be named", Assert.Single(left.Lines), StringComparison.Ordinal);
        Assert.All(left.Files.Values, Assert.NotNull);
    }

    [SkippableFact]
    public async Task Of_two_files_with_one_name_the_last_is_shown()
    {
        IsoImage image = Make("", "printf again >tree/onf");
        image.Bytes[image.FindRecord("ONF.;1") + 35] = (byte)'E';
        await using Browser browser = await Browser.OpenAsync(_directory.Write("x.iso", image.Bytes));
        Assert.Equal("again"u8.ToArray(), await browser.ReadAllAsync("ONE"));
    }

    private Task<DamagedArchive> ReadAsync(byte[] image, string what) => DamagedArchive.ReadAsync(_directory["damaged"], image, what);

    /// <summary>A small image: files one and two.txt, sub/three, and an empty sub/inner.</summary>
    private IsoImage Make(string options, string more = "true")
    {
        Skip.If(Shell.Run("command -v genisoimage").Status != 0, "there is no genisoimage");
        Shell.Run($"cd \"$1\" && mkdir -p tree/sub/inner && printf one >tree/one && printf two >tree/two.txt && printf three >tree/sub/three && {more} && genisoimage -quiet -no-pad {options} -o made.iso tree", _directory.Path).Succeeded();
        return new IsoImage(File.ReadAllBytes(_directory["made.iso"]));
    }
}
