using System.Numerics;
using System.Runtime.InteropServices;

namespace Kaleidofs.Caching;

/// <summary>
/// 64 bits against damage, not against malice: four CRC-32C side by side, as processors have an instruction for it that answers
/// after three cycles and can be begun in each, mixed into one number.
/// </summary>
internal static class Checksum
{
    /// <summary>The checksum of bytes; another with another seed.</summary>
    public static ulong Compute(ReadOnlySpan<byte> bytes, ulong seed = 0)
    {
        uint a = (uint)seed;
        uint b = (uint)(seed >> 32);
        uint c = ~a;
        uint d = ~b;
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        int i = 0;
        for (; i + 4 <= words.Length; i += 4)
        {
            a = BitOperations.Crc32C(a, words[i]);
            b = BitOperations.Crc32C(b, words[i + 1]);
            c = BitOperations.Crc32C(c, words[i + 2]);
            d = BitOperations.Crc32C(d, words[i + 3]);
        }
        for (; i < words.Length; i++)
        {
            a = BitOperations.Crc32C(a, words[i]);
        }
        foreach (byte rest in bytes[(words.Length * sizeof(ulong))..])
        {
            b = BitOperations.Crc32C(b, rest);
        }
        ulong mixed = ((((ulong)a << 32) | b) * 0x9E3779B97F4A7C15) ^ BitOperations.RotateLeft((((ulong)c << 32) | d) * 0xC2B2AE3D27D4EB4F, 31);
        return (mixed ^ (mixed >> 29) ^ (uint)bytes.Length) * 0x9FB21C651E98DF25;
    }
}
