namespace Kaleidofs.Tests.Posix;

/// <summary>Content that tells its own offset, and compresses badly.</summary>
internal static class Pattern
{
    /// <summary>The eight bytes at 8 * <paramref name="index"/>.</summary>
    private static ulong Word(long index)
    {
        // The finalizer of splitmix64.
        ulong x = (ulong)index + 0x9E3779B97F4A7C15;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }

    public static byte At(long offset) => (byte)(Word(offset >> 3) >> (int)(8 * (offset & 7)));

    public static byte[] Bytes(long offset, int count)
    {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++)
            bytes[i] = At(offset + i);
        return bytes;
    }
}
