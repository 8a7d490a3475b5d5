using System.Buffers.Binary;
using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Unit.Archive;

/// <summary>Zip's method 9, as 7z and Windows write it.</summary>
public sealed class Deflate64Tests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    public static TheoryData<string> Contents => ["text", "far repetitions", "long repetitions", "random", "empty", "one byte"];

    private static byte[] MakeContent(string kind)
    {
        // Repetitions farther back than deflate's window, and longer than its longest.
        byte[] block = TestContent.Make(1, 60_000);
        return kind switch
        {
            "text" => TestContent.MakeText(2, 3_000_000),
            "far repetitions" => [.. Enumerable.Range(0, 40).SelectMany(i => block.Select((value, at) => at % 9_000 == i ? (byte)i : value))],
            "long repetitions" => [.. new byte[1_000_000], .. block, .. new byte[500_001], .. block],
            "random" => TestContent.Make(3, 1_500_000),
            "empty" => [],
            _ => [7],
        };
    }

    [SkippableTheory]
    [MemberData(nameof(Contents))]
    public async Task Random_offsets_agree_with_the_whole(string kind)
    {
        byte[] content = MakeContent(kind);
        byte[] zip = Make(content);
        await using Browser browser = await Browser.OpenAsync(_directory["x.zip"], cacheBudget: 1 << 20);
        ulong inode = await browser.FindAsync("file");
        await ZipReadingTests.CheckRandomReadsAsync(browser, inode, content, seed: 4, reads: kind == "text" ? 1000 : 100);
        Assert.Equal(content, await browser.ReadAllAsync("file"));
        Assert.Equal(kind is not ("empty" or "one byte" or "random"), BinaryPrimitives.ReadUInt16LittleEndian(zip.AsSpan(8)) == 9);
        Assert.Empty(browser.Log.Lines);
    }

    [SkippableFact]
    public async Task Damage_is_an_error_and_never_more()
    {
        byte[] content = MakeContent("text")[..300_000];
        byte[] zip = Make(content);
        int end = zip.AsSpan().LastIndexOf("PK\x01\x02"u8);
        int seed = Random.Shared.Next();
        Random random = new(seed);
        for (int round = 0; round < 200; round++)
        {
            byte[] damaged = [.. zip];
            damaged[random.Next(40, end)] ^= (byte)(1 << random.Next(8));
            await using Browser browser = await Browser.OpenAsync(_directory.Write("damaged.zip", damaged));
            Errno errno = await browser.TryReadAllAsync("file");
            Assert.True(errno == Errno.EIO, $"seed {seed}, round {round}: {errno}");
        }
    }

    [Theory]
    [InlineData("00")]
    [InlineData("0100000000")]
    [InlineData("07")]
    [InlineData("0300")]
    [InlineData("4bfc")]
    [InlineData("edfdffffffffffffffffffffffffff")]
    [InlineData("05e0810800000000209f55")]
    public async Task Data_that_nobody_would_write_is_an_error(string data)
    {
        ZipWriter zip = new();
        ZipWriterEntry entry = zip.Add("file"u8.ToArray(), TestContent.Make(5, 1000), 9);
        (entry.Data, entry.CompressedSize) = (Convert.FromHexString(data), (uint)data.Length / 2);
        await using Browser browser = await Browser.OpenAsync(_directory.Write("x.zip", zip.ToArray()));
        Assert.Equal(Errno.EIO, await browser.TryReadAllAsync("file"));
    }

    private byte[] Make(byte[] content)
    {
        Skip.If(Shell.Run("command -v 7z").Status != 0, "7z is not installed");
        _directory.Write("file", content);
        Shell.Run("cd \"$1\" && 7z a -bd -tzip -mm=Deflate64 x.zip file", _directory.Path).Succeeded();
        return File.ReadAllBytes(_directory["x.zip"]);
    }
}
