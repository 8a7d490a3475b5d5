namespace Kaleidofs.Tests.Unit.Archive;

/// <summary>Content that is the same for the same seed.</summary>
internal static class TestContent
{
    /// <summary>Bytes that do not compress.</summary>
    public static byte[] Make(int seed, int length)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Bytes that compress to about a third.</summary>
    public static byte[] MakeText(int seed, int length)
    {
        Random random = new(seed);
        byte[] bytes = new byte[length];
        int position = 0;
        while (position < length)
        {
            if (position > 100 && random.Next(3) > 0)
            {
                int from = random.Next(Math.Max(0, position - 30_000), position);
                int count = Math.Min(random.Next(4, 60), length - position);
                for (int i = 0; i < count; i++)
                {
                    bytes[position++] = bytes[from + i];
                }
            }
            else
            {
                bytes[position++] = (byte)random.Next('a', 'z' + 1);
            }
        }
        return bytes;
    }
}
