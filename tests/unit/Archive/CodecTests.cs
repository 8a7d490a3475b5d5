using Kaleidofs.Drivers.Archive.Decoding;
using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Unit.Archive;

/// <summary>What the tools compress reads back, at any place and in whatever state.</summary>
public sealed class CodecTests : IDisposable
{
    private static readonly byte[] Content = [.. TestContent.MakeText(1, 2_500_000), .. TestContent.Make(2, 400_000), .. new byte[300_000], .. TestContent.MakeText(3, 900_000)];

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    public static TheoryData<string> Forms => Encoders.Names;

    [SkippableTheory]
    [MemberData(nameof(Forms))]
    public async Task A_thousand_random_offsets_agree_with_the_whole(string form)
    {
        byte[] encoded = Encoders.Encode(form, Content);
        await using Browser browser = await Browser.OpenAsync(_directory.Write($"data.sql.{Encoders.GetEnding(form)}", encoded));
        Assert.Equal(["data.sql"], await browser.ListAllAsync());
        Assert.Equal((ulong)Content.Length, (await browser.LookupAsync("data.sql")).Size);
        await ZipReadingTests.CheckRandomReadsAsync(browser, await browser.FindAsync("data.sql"), Content, seed: 4, reads: 1000);
        Assert.Empty(browser.Log.Lines);
    }

    [SkippableTheory]
    [InlineData("zst.frames", 3)]
    [InlineData("zst.skippable", 3)]
    [InlineData("xz.blocks", 3)]
    [InlineData("xz.streams", 2)]
    [InlineData("lz.members", 3)]
    [InlineData("bz2", 3)]
    [InlineData("bz2.1", 3)]
    [InlineData("bz2.streams", 3)]
    [InlineData("lz4.checked", 2)]
    [InlineData("lz4.frames", 3)]
    public void Decoding_begins_at_any_seek_point(string form, int atLeast)
    {
        using FileBytes file = new(_directory.Write("x", Encoders.Encode(form, Content)));
        Codec codec = Codecs.Recognize(file.Head)!;
        ByteRange range = ByteRange.Of(file.Source);
        SeekPoints points = codec.OpenPoints(range, 1 << 20);
        using (StreamCursor all = codec.Open(range, points))
        {
            byte[] whole = new byte[Content.Length];
            Assert.True(all.TryRead(whole, out int count) && count == whole.Length && all.TryReadEnd(), $"{all.Failure}");
            Assert.Equal(Content, whole);
            Assert.Equal(Content.Length, all.VerifiedPosition);
        }
        HashSet<long> outputs = [];
        using StreamCursor cursor = codec.Open(range, points: null);
        Random random = new(5);
        for (int i = 0; i < 20; i++)
        {
            SeekPoint point = points.Find(random.Next(Content.Length));
            outputs.Add(point.Output);
            Assert.True(cursor.MoveTo(point));
            byte[] rest = new byte[Math.Min(random.Next(1, 500_000), Content.Length - (int)point.Output)];
            Assert.True(cursor.TryRead(rest, out int count) && count == rest.Length, $"{cursor.Failure} at {point.Output}");
            Assert.True(Content.AsSpan((int)point.Output, count).SequenceEqual(rest));
        }
        Assert.True(cursor.MoveTo(points.Find(Content.Length)));
        byte[] last = new byte[Content.Length - cursor.Position];
        Assert.True(cursor.TryRead(last, out _) && cursor.TryReadEnd(), $"{cursor.Failure}");
        Assert.True(Content.AsSpan()[^last.Length..].SequenceEqual(last));
        Assert.True(outputs.Count >= atLeast, $"{outputs.Count} points");
    }

    [SkippableTheory]
    [MemberData(nameof(Forms))]
    public void Cut_off_at_any_byte_it_ends_with_an_error_and_no_wrong_byte(string form)
    {
        byte[] content = TestContent.MakeText(6, 3000);
        byte[] encoded = Encoders.Encode(form, content);
        for (int length = 0; length < encoded.Length; length += encoded.Length > 20_000 ? 97 : 1)
        {
            Decode(encoded[..length], encoded, out byte[] decoded);
            Assert.True(content.AsSpan().StartsWith(decoded), $"{form} cut off at {length}");
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Forms))]
    public void With_flipped_bits_no_wrong_byte_is_called_right(string form)
    {
        bool hasChecks = !form.Contains("unchecked", StringComparison.Ordinal) && !form.StartsWith('Z') && form != "lzma";
        byte[] content = TestContent.MakeText(7, 3000);
        byte[] encoded = Encoders.Encode(form, content);
        Random random = new(8);
        for (int round = 0; round < 400; round++)
        {
            byte[] damaged = [.. encoded];
            int position = random.Next(damaged.Length);
            damaged[position] ^= (byte)(1 << random.Next(8));
            StreamFailure failure = Decode(damaged, encoded, out byte[] decoded, out long verified);
            if (hasChecks && failure is StreamFailure.None or StreamFailure.Damaged && form != "gz")
            {
                Assert.True(content.AsSpan().StartsWith(decoded.AsSpan(0, (int)verified)), $"{form}: bit flipped in byte {position}, {failure}");
            }
        }
    }

    [SkippableTheory]
    [InlineData("zst")]
    [InlineData("xz")]
    [InlineData("lz")]
    [InlineData("bz2")]
    [InlineData("lz4")]
    [InlineData("Z")]
    [InlineData("lzma")]
    public async Task A_bomb_costs_what_is_read_of_it(string form)
    {
        byte[] encoded = Encoders.Encode(form, new byte[64 << 20]);
        await using Browser browser = await Browser.OpenAsync(_directory.Write($"bomb.{form}", encoded), cacheBudget: 1 << 20);
        Assert.Equal(64ul << 20, (await browser.LookupAsync("bomb")).Size);
        (Errno errno, byte[] read) = await browser.ReadAsync(await browser.FindAsync("bomb"), (64 << 20) - 10, 100);
        Assert.Equal(Errno.None, errno);
        Assert.Equal(new byte[10], read);
    }

    [SkippableTheory]
    [InlineData("gz", true)]
    [InlineData("zst", false)]
    [InlineData("xz", false)]
    [InlineData("lz", true)]
    [InlineData("bz2", true)]
    [InlineData("lz4", false)]
    [InlineData("lzma", false)]
    public async Task Something_behind_the_data_is_taken_as_the_tool_takes_it(string form, bool isIgnored)
    {
        byte[] content = TestContent.MakeText(9, 10_000);
        string path = _directory.Write($"x.{form}", [.. Encoders.Encode(form, content), .. "something else"u8]);
        if (!isIgnored)
        {
            SourceException exception = await Assert.ThrowsAsync<SourceException>(() => Browser.OpenAsync(path));
            Assert.StartsWith(path + ": ", exception.Message);
            return;
        }
        await using Browser browser = await Browser.OpenAsync(path);
        Assert.Equal(content, await browser.ReadAllAsync("x"));
    }

    [SkippableFact]
    public async Task More_memory_than_a_decoder_may_have_is_refused()
    {
        foreach ((string ending, string command) in new[] { ("zst", "zstd -qc --ultra -22 --long=30"), ("xz", "xz -c --lzma2=dict=512MiB"), ("lzma", "xz -c --format=lzma --lzma1=dict=512MiB") })
        {
            CommandResult result = Shell.Run($"head -c 3000 /dev/zero | {command}");
            Skip.If(result.Status != 0, $"{ending}: {result.Error}");
            string path = _directory.Write($"x.{ending}", result.Output);
            SourceException exception = await Assert.ThrowsAsync<SourceException>(() => Browser.OpenAsync(path));
            Assert.Contains("too much memory", exception.Message);
        }
    }

    [SkippableFact]
    public async Task Magics_of_bzip2_within_its_data_deceive_nobody()
    {
        // Bytes that a decoder passes over are rare in bzip2; the data of another bzip2 at any bit has magics at any bit.
        byte[] content = [.. Enumerable.Range(0, 8).SelectMany(i => Encoders.Encode("bz2.1", TestContent.MakeText(i, 5000 + i)))];
        await using Browser browser = await Browser.OpenAsync(_directory.Write("x.bz2", Encoders.Encode("bz2", content)));
        Assert.Equal(content, await browser.ReadAllAsync("x"));
    }

    private void Decode(byte[] encoded, byte[] whole, out byte[] decoded) => Decode(encoded, whole, out decoded, out _);

    private StreamFailure Decode(byte[] encoded, byte[] whole, out byte[] decoded, out long verified)
    {
        using FileBytes file = new(_directory.Write("x", encoded));
        using StreamCursor cursor = Codecs.Recognize(whole)!.Open(ByteRange.Of(file.Source), points: null);
        byte[] buffer = new byte[1 << 20];
        cursor.TryRead(buffer, out int count);
        decoded = buffer[..count];
        verified = Math.Min(cursor.VerifiedPosition, count);
        return cursor.Failure;
    }
}
