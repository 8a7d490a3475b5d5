using System.IO.Compression;
using Kaleidofs.Drivers.Git.Objects;

namespace Kaleidofs.Tests.Unit.Git;

/// <summary>The first bytes of what zlib compressed are what zlib gives, or are left to it.</summary>
public sealed class DeflatePrefixTests
{
    [Fact]
    public void The_first_bytes_are_those_that_zlib_gives()
    {
        Random random = new(1);
        int inflated = 0;
        for (int round = 0; round < 2000; round++)
        {
            byte[] content = MakeContent(random, random.Next(1, 3000));
            byte[] packed = Compress(content, (CompressionLevel)random.Next(4));
            byte[] head = new byte[Math.Min(content.Length, random.Next(1, 21))];
            if (DeflatePrefix.TryInflate(packed.AsSpan(0, Math.Min(packed.Length, 320)), head))
            {
                inflated++;
                Assert.Equal(content.AsSpan(0, head.Length).ToArray(), head);
            }
        }
        Assert.True(inflated > 1900, $"{inflated} of 2000 were inflated");
    }

    [Fact]
    public void What_is_cut_off_or_mutated_is_refused_or_read_and_nothing_else()
    {
        Random random = new(2);
        byte[] head = new byte[20];
        for (int round = 0; round < 20_000; round++)
        {
            byte[] packed = Compress(MakeContent(random, random.Next(1, 300)), (CompressionLevel)random.Next(4));
            for (int i = random.Next(4); i > 0; i--)
            {
                packed[random.Next(packed.Length)] = (byte)random.Next(256);
            }
            _ = DeflatePrefix.TryInflate(packed.AsSpan(0, random.Next(packed.Length + 1)), head);
        }
        Assert.False(DeflatePrefix.TryInflate(Compress(new byte[10], CompressionLevel.Optimal), head));
        Assert.False(DeflatePrefix.TryInflate([], head));
    }

    private static byte[] MakeContent(Random random, int length)
    {
        byte[] content = new byte[length];
        int kinds = random.Next(3) switch { 0 => 2, 1 => 30, _ => 256 };
        for (int i = 0; i < length; i++)
        {
            content[i] = i > 8 && random.Next(4) == 0 ? content[i - random.Next(1, 8)] : (byte)random.Next(kinds);
        }
        return content;
    }

    private static byte[] Compress(byte[] content, CompressionLevel level)
    {
        using MemoryStream packed = new();
        using (ZLibStream stream = new(packed, level))
        {
            stream.Write(content);
        }
        return packed.ToArray();
    }
}
