using System.Buffers.Binary;
using Kaleidofs.Drivers.Archive.Decoding;
using Kaleidofs.Drivers.Archive.Ppmd;
using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Unit.Archive;

/// <summary>PPMd in a zip, as 7z writes it.</summary>
public sealed class PpmdTests : IDisposable
{
    /// <summary>What fills a small model many times, with contexts of all sizes.</summary>
    private static readonly byte[] Content =
    [
        .. TestContent.MakeText(1, 600_000), .. TestContent.Make(2, 150_000), .. Enumerable.Range(0, 200_000).Select(i => (byte)(i * i / 77)),
        .. new byte[50_000], .. TestContent.MakeText(3, 500_000),
    ];

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [SkippableTheory]
    // The parameters that stand in the stream: order - 1, megabytes - 1, and what happens when they are full (0: all goes, 1: what is rare).
    [InlineData("-mx=1 -mo=2", 2, 1, 0)]
    [InlineData("-mx=5 -mmem=16m", 8, 16, 0)]
    [InlineData("-mx=5 -mmem=1m -mo=6", 6, 1, 0)]
    [InlineData("-mx=7 -mmem=1m -mo=4", 4, 1, 1)]
    [InlineData("-mx=7 -mmem=1m -mo=16", 16, 1, 1)]
    public async Task Entries_read_back_at_any_offset(string options, int order, int megabytes, int method)
    {
        byte[] data = Compress(Content, options);
        int parameters = BinaryPrimitives.ReadUInt16LittleEndian(data);
        Assert.Equal((order, method), ((parameters & 0xF) + 1, parameters >> 12));
        Assert.True(megabytes == 1 ? (parameters >> 4 & 0xFF) == 0 : (parameters >> 4 & 0xFF) < megabytes, $"{parameters:x}");
        await using Browser browser = await Browser.OpenAsync(_directory["x.zip"], cacheBudget: 2 << 20);
        byte[] read = await browser.ReadAllAsync("file");
        Assert.True(Content.AsSpan().SequenceEqual(read));
        await ZipReadingTests.CheckRandomReadsAsync(browser, await browser.FindAsync("file"), Content, seed: 3, reads: 6);
        Assert.Empty(browser.Log.Lines);
    }

    [SkippableFact]
    public async Task Short_entries_read_back_and_a_wrong_checksum_is_an_error()
    {
        byte[][] contents = [new byte[100], TestContent.MakeText(5, 4000), new byte[5000], [.. Enumerable.Range(0, 2000).Select(i => (byte)(i / 7))]];
        for (int i = 0; i < contents.Length; i++)
        {
            byte[] data = Compress(contents[i], "-mx=5");
            await using Browser browser = await Browser.OpenAsync(_directory["x.zip"]);
            Assert.Equal(contents[i], await browser.ReadAllAsync("file"));
            ZipWriter zip = new();
            ZipWriterEntry entry = zip.Add("file"u8.ToArray(), contents[i], 98);
            entry.Data = data;
            entry.CompressedSize = (uint)data.Length;
            entry.Crc ^= 1;
            await using Browser wrong = await Browser.OpenAsync(_directory.Write("wrong.zip", zip.ToArray()));
            Assert.Equal(Errno.EIO, await wrong.TryReadAllAsync("file"));
        }
    }

    [SkippableFact]
    public void Cut_off_at_any_byte_it_ends_with_an_error_and_no_wrong_byte()
    {
        byte[] content = TestContent.MakeText(4, 2000);
        byte[] data = Compress(content, "-mx=1 -mmem=1m");
        for (int length = 0; length < data.Length; length++)
        {
            using FileBytes file = new(_directory.Write("cut", data.AsSpan(0, length)));
            using StreamCursor cursor = PpmdCodec.Instance.Open(ByteRange.Of(file.Source), points: null);
            byte[] read = new byte[content.Length + 1];
            Assert.False(cursor.TryRead(read, out int count));
            Assert.Equal(StreamFailure.CutOff, cursor.Failure);
            Assert.True(content.AsSpan(0, count).SequenceEqual(read.AsSpan(0, count)), $"{count} at {length}");
        }
    }

    [SkippableTheory]
    [InlineData("-mx=5 -mmem=1m -mo=8")]
    [InlineData("-mx=7 -mmem=1m -mo=16")]
    public async Task Whatever_the_data_is_it_decodes_to_an_end_or_an_error(string options)
    {
        byte[] data = Compress(Content.AsSpan(400_000, 500_000), options);
        int damaged = 0;
        for (int seed = 0; seed < 40; seed++)
        {
            Random random = new(seed);
            byte[] forged = [.. data];
            // From some byte on all of it, or single bytes: the model learns what no content has.
            if (seed % 2 == 0)
            {
                random.NextBytes(forged.AsSpan(2 + random.Next(1000)));
            }
            for (int i = random.Next(1, 5); i > 0; i--)
            {
                forged[random.Next(2, forged.Length)] ^= (byte)random.Next(1, 256);
            }
            string path = _directory.Write($"forged{seed}", forged);
            damaged += await Task.Run(() => Exhaust(path) ? 0 : 1).WaitAsync(TimeSpan.FromMinutes(2));
        }
        Assert.True(damaged > 30, $"only {damaged} were damaged");
    }

    [SkippableTheory]
    [InlineData(0x2004)]
    [InlineData(0xF004)]
    [InlineData(0x0000)]
    public void Parameters_that_no_encoder_writes_are_damage(int parameters)
    {
        byte[] data = Compress(TestContent.MakeText(4, 2000), "-mx=1 -mmem=1m");
        BinaryPrimitives.WriteUInt16LittleEndian(data, (ushort)parameters);
        using FileBytes file = new(_directory.Write("x", data));
        using StreamCursor cursor = PpmdCodec.Instance.Open(ByteRange.Of(file.Source), points: null);
        Assert.False(cursor.TryRead(new byte[10], out int count));
        Assert.Equal((0, StreamFailure.Damaged), (count, cursor.Failure));
    }

    [SkippableFact]
    public void Decoders_that_lost_their_memory_to_others_go_on_where_they_were()
    {
        byte[] data = Compress(Content, "-mx=5 -mmem=8m");
        long limit = PpmdMemory.Limit;
        PpmdMemory.Limit = 20 << 20;
        try
        {
            using FileBytes file = new(_directory.Write("x", data));
            StreamCursor[] cursors = [.. Enumerable.Range(0, 4).Select(_ => PpmdCodec.Instance.Open(ByteRange.Of(file.Source), points: null))];
            byte[] read = new byte[100_000];
            for (int position = 0; position < 300_000; position += read.Length)
            {
                foreach (StreamCursor cursor in cursors)
                {
                    Assert.True(cursor.TryRead(read, out int count) && count == read.Length, $"{cursor.Failure}");
                    Assert.True(Content.AsSpan(position, count).SequenceEqual(read));
                }
                Assert.True(PpmdMemory.Total <= PpmdMemory.Limit, $"{PpmdMemory.Total}");
            }
            Array.ForEach(cursors, cursor => cursor.Dispose());
        }
        finally
        {
            PpmdMemory.Limit = limit;
        }
    }

    /// <summary>Reads to the end, or to the error, or to more than any content has; false for an error.</summary>
    private static bool Exhaust(string path)
    {
        using FileBytes file = new(path);
        using StreamCursor cursor = PpmdCodec.Instance.Open(ByteRange.Of(file.Source), points: null);
        byte[] read = new byte[64 << 10];
        while (cursor.TryRead(read, out int count) && cursor.Position < 8 << 20)
        {
            if (count < read.Length)
            {
                return true;
            }
        }
        return cursor.Failure == StreamFailure.None;
    }

    /// <summary>A zip, x.zip, of one file; returns the entry's data.</summary>
    private byte[] Compress(ReadOnlySpan<byte> content, string options)
    {
        File.Delete(_directory["x.zip"]);
        _directory.Write("file", content);
        CommandResult result = Shell.Run($"cd \"$1\" && 7z a -bd -tzip -mm=PPMd {options} x.zip file >/dev/null", _directory.Path);
        Skip.If(result.Status != 0, result.Error);
        byte[] zip = File.ReadAllBytes(_directory["x.zip"]);
        Assert.Equal(98, BinaryPrimitives.ReadUInt16LittleEndian(zip.AsSpan(8)));
        int length = BinaryPrimitives.ReadInt32LittleEndian(zip.AsSpan(18));
        int start = 30 + BinaryPrimitives.ReadUInt16LittleEndian(zip.AsSpan(26)) + BinaryPrimitives.ReadUInt16LittleEndian(zip.AsSpan(28));
        return zip[start..(start + length)];
    }
}
