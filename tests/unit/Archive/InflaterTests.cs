using System.IO.Compression;
using Kaleidofs.Drivers.Archive;
using Kaleidofs.Drivers.Archive.Decoding;
using Kaleidofs.Drivers.Archive.Deflate;

namespace Kaleidofs.Tests.Unit.Archive;

public sealed class InflaterTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    /// <summary>Without it everything works, more slowly: a .NET that brings another library must show here.</summary>
    [Fact]
    public void The_inflater_of_this_runtime_is_used() => Assert.True(RuntimeZLib.IsAvailable && RuntimeZLib.TellsOfBlocks);

    [Theory]
    [InlineData(CompressionLevel.NoCompression)]
    [InlineData(CompressionLevel.Optimal)]
    [InlineData(CompressionLevel.SmallestSize)]
    public void From_each_seek_point_that_one_inflater_finds_the_other_goes_on(CompressionLevel level)
    {
        byte[] content = [.. TestContent.MakeText(1, 4_000_000), .. new byte[3_000_000], .. TestContent.Make(2, 3_000_000)];
        MemoryStream compressed = new();
        using (DeflateStream encoder = new(compressed, level, leaveOpen: true))
        {
            encoder.Write(content);
        }
        using FileBytes file = new(_directory.Write("many", compressed.ToArray()));
        SeekPoints points = DeflateCodec.Instance.OpenPoints(ByteRange.Of(file.Source), 1 << 20);
        byte[] buffer = new byte[content.Length];
        using (StreamCursor cursor = DeflateCodec.Instance.Open(ByteRange.Of(file.Source), points))
        {
            Assert.True(cursor.TryRead(buffer, out int count) && count == buffer.Length);
        }
        HashSet<long> tried = [];
        for (long position = 0; position < content.Length; position += 100_000)
        {
            SeekPoint point = points.Find(position);
            if (tried.Add(point.Output))
            {
                using StreamCursor cursor = DeflateCodec.Instance.Open(ByteRange.Of(file.Source), points: null);
                Assert.True(cursor.MoveTo(point));
                Assert.True(cursor.TryRead(buffer.AsSpan(0, (int)(content.Length - point.Output)), out int count));
                Assert.True(content.AsSpan((int)point.Output).SequenceEqual(buffer.AsSpan(0, count)), $"from {point.Output}");
            }
        }
        Assert.InRange(tried.Count, 5, 100);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(70_000)]
    [InlineData(3_000_000)]
    public void Both_inflaters_decode_the_same_in_pieces_of_any_length_and_tell_of_damage(int length)
    {
        byte[] content = TestContent.MakeText(length, length);
        MemoryStream compressed = new();
        using (DeflateStream encoder = new(compressed, CompressionLevel.Optimal, leaveOpen: true))
        {
            encoder.Write(content);
        }
        byte[] encoded = compressed.ToArray();
        using FileBytes whole = new(_directory.Write("whole", encoded));
        using FileBytes cut = new(_directory.Write("cut", encoded.AsSpan(0, encoded.Length / 2)));
        using FileBytes damaged = new(_directory.Write("damaged", [0x07, .. encoded]));
        foreach (bool hasPoints in (bool[])[false, true])
        {
            using (StreamCursor cursor = Open(whole.Source, hasPoints))
            {
                byte[] decoded = new byte[length];
                Random random = new(1);
                for (int position = 0; position < length;)
                {
                    Span<byte> piece = decoded.AsSpan(position, Math.Min(random.Next(1, 200_000), length - position));
                    Assert.True(cursor.TryRead(piece, out int count));
                    Assert.Equal(piece.Length, count);
                    position += count;
                }
                Assert.True(content.AsSpan().SequenceEqual(decoded));
                Assert.True(cursor.TryReadEnd());
                Assert.Equal(encoded.Length, cursor.InputPosition);
                Assert.Equal(Crc32.Append(0, content), cursor.Crc);
            }
            Assert.Equal(StreamFailure.CutOff, ReadAll(cut.Source, hasPoints));
            Assert.Equal(StreamFailure.Damaged, ReadAll(damaged.Source, hasPoints));
        }
    }

    private static StreamCursor Open(ByteSource file, bool hasPoints)
        => DeflateCodec.Instance.Open(ByteRange.Of(file), hasPoints ? DeflateCodec.Instance.OpenPoints(ByteRange.Of(file), 1 << 20) : null);

    private static StreamFailure ReadAll(ByteSource file, bool hasPoints)
    {
        using StreamCursor cursor = Open(file, hasPoints);
        byte[] buffer = new byte[100_000];
        while (cursor.TryRead(buffer, out int count) && count == buffer.Length)
        {
        }
        return cursor.Failure;
    }
}
